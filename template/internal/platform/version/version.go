// Package version identifies the build of the service.
package version

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Set by the linker: -ldflags "-X <module>/internal/platform/version.version=v1.2.3 -X ….revision=0123abc".
var version, revision string

// Build identifies a build.
type Build struct {
	// Version is the release, or the module's version, or "dev".
	Version string
	// Revision is the commit, or "unknown".
	Revision string
	// Go is the version of the toolchain.
	Go string
}

func (b Build) String() string {
	return fmt.Sprintf("%s (revision %s, %s)", b.Version, b.Revision, b.Go)
}

// Info returns what the linker set and, where it set nothing, what the Go toolchain recorded.
func Info() Build {
	build := Build{Version: version, Revision: revision, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		build.complete(info)
	}
	if build.Version == "" {
		build.Version = "dev"
	}
	if build.Revision == "" {
		build.Revision = "unknown"
	}
	return build
}

func (b *Build) complete(info *debug.BuildInfo) {
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && b.Revision == "" {
			b.Revision = setting.Value
		}
	}
}
