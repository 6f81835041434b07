// Package version identifies the build of the service.
package version

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// Set by the linker: -ldflags "-X <module>/internal/platform/version.version=v1.2.3 -X ….revision=0123abc".
var version, revision string

// Build identifies a build.
type Build struct {
	Version  string // the release, or the module's version, or "dev"
	Revision string // the commit, or "unknown"
	Go       string // the version of the toolchain
}

func (b Build) String() string {
	return fmt.Sprintf("%s (revision %s, %s)", b.Version, b.Revision, b.Go)
}

// Info returns what the linker set and, where it set nothing, what the Go toolchain recorded.
func Info() Build {
	var module, commit string
	if info, ok := debug.ReadBuildInfo(); ok {
		module = strings.TrimPrefix(info.Main.Version, "(devel)")
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				commit = setting.Value
			}
		}
	}
	return Build{
		Version:  cmp.Or(version, module, "dev"),
		Revision: cmp.Or(revision, commit, "unknown"),
		Go:       runtime.Version(),
	}
}
