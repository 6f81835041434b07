// Package config reads a service's settings from flags, environment, file and defaults, in that order of precedence, and
// refuses all it does not understand in one message.
package config

import (
	"regexp"
	"strconv"
	"time"
)

// Platform holds the settings that every service has. A service embeds it in its own struct, squashed:
//
//	type Config struct {
//		config.Platform `koanf:",squash"`
//		Queue QueueConfig `koanf:"queue"`
//	}
type Platform struct {
	Server   Server   `koanf:"server"`
	Health   Health   `koanf:"health"`
	Metrics  Metrics  `koanf:"metrics"`
	Log      Log      `koanf:"log"`
	Auth     Auth     `koanf:"auth"`
	Shutdown Shutdown `koanf:"shutdown"`
}

// Server is the API's listener. Port 0, here and below, takes any free port.
type Server struct {
	Port              int           `koanf:"port" usage:"port of the API"`
	ReadTimeout       time.Duration `koanf:"readTimeout" usage:"time to read a request with its body"`
	ReadHeaderTimeout time.Duration `koanf:"readHeaderTimeout" usage:"time to read a request's header"`
	WriteTimeout      time.Duration `koanf:"writeTimeout" usage:"time from the end of the header to the end of the answer"`
	IdleTimeout       time.Duration `koanf:"idleTimeout" usage:"time that an idle connection stays open"`
	BodyLimit         Bytes         `koanf:"bodyLimit" usage:"largest body of a request"`
}

// Health is the listener of the probes.
type Health struct {
	Port         int           `koanf:"port" usage:"port of the probes"`
	CheckTimeout time.Duration `koanf:"checkTimeout" usage:"time for one readiness check"`
}

// Metrics is the listener of the metrics.
type Metrics struct {
	Port int `koanf:"port" usage:"port of the metrics"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `koanf:"level" usage:"debug, info, warn or error"`
	Format string `koanf:"format" usage:"json or text"`
}

// Auth says how callers prove who they are.
type Auth struct {
	Mode      string `koanf:"mode" usage:"how callers are authenticated"`
	Token     string `koanf:"token" secret:"true" usage:"bearer token that callers must send"`
	TokenFile string `koanf:"tokenFile" usage:"file that holds the bearer token"`
}

// Shutdown says how long the end may take. The pod's grace period is 5 s longer than both together.
type Shutdown struct {
	Delay   time.Duration `koanf:"delay" usage:"wait between becoming unready and refusing connections"`
	Timeout time.Duration `koanf:"timeout" usage:"time to finish what is in work"`
}

// Defaults returns the settings of a service in production.
func Defaults() Platform {
	return Platform{
		Server: Server{
			Port:              8080,
			ReadTimeout:       30 * time.Second,
			ReadHeaderTimeout: 5 * time.Second,
			WriteTimeout:      60 * time.Second,
			IdleTimeout:       120 * time.Second,
			BodyLimit:         10 * MiB,
		},
		Health:   Health{Port: 8081, CheckTimeout: 2 * time.Second},
		Metrics:  Metrics{Port: 9090},
		Log:      Log{Level: "info", Format: "json"},
		Auth:     Auth{Mode: "off"},
		Shutdown: Shutdown{Delay: 5 * time.Second, Timeout: 30 * time.Second},
	}
}

// Embedding is every struct that embeds Platform.
type Embedding interface{ platform() Platform }

func (p Platform) platform() Platform { return p }

// Of returns the platform's part of a service's configuration.
func Of[C Embedding](c C) Platform { return c.platform() }

// bearerToken is what an Authorization header can carry (RFC 6750, section 2.1); no other token could ever match.
var bearerToken = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// problems checks the platform's own settings.
func (p Platform) problems() []Problem {
	problems := p.portProblems()
	problems = append(problems, Positive("server.readTimeout", p.Server.ReadTimeout)...)
	problems = append(problems, Positive("server.readHeaderTimeout", p.Server.ReadHeaderTimeout)...)
	problems = append(problems, Positive("server.writeTimeout", p.Server.WriteTimeout)...)
	problems = append(problems, Positive("server.idleTimeout", p.Server.IdleTimeout)...)
	problems = append(problems, Between("server.bodyLimit", p.Server.BodyLimit, 1, 1*GiB)...)
	problems = append(problems, Positive("health.checkTimeout", p.Health.CheckTimeout)...)
	problems = append(problems, OneOf("log.level", p.Log.Level, "debug", "info", "warn", "error")...)
	problems = append(problems, OneOf("log.format", p.Log.Format, "json", "text")...)
	problems = append(problems, Between("shutdown.delay", p.Shutdown.Delay, 0, 10*time.Minute)...)
	problems = append(problems, Positive("shutdown.timeout", p.Shutdown.Timeout)...)
	return append(problems, p.Auth.problems()...)
}

// portProblems also finds two listeners on one port, which would only fail at start, with half of the service up.
func (p Platform) portProblems() []Problem {
	ports := []struct {
		key  string
		port int
	}{
		{"server.port", p.Server.Port},
		{"health.port", p.Health.Port},
		{"metrics.port", p.Metrics.Port},
	}
	var problems []Problem
	taken := map[int]string{}
	for _, listener := range ports {
		if outside := Between(listener.key, listener.port, 0, 65535); outside != nil {
			problems = append(problems, outside...)
			continue
		}
		if other, ok := taken[listener.port]; ok && listener.port != 0 {
			problems = append(problems, Problem{
				Key: listener.key, Value: strconv.Itoa(listener.port), Allowed: "a port that " + other + " does not use",
			})
		}
		taken[listener.port] = listener.key
	}
	return problems
}

func (a Auth) problems() []Problem {
	if refused := OneOf("auth.mode", a.Mode, authModes()...); refused != nil {
		return refused
	}
	switch {
	case a.Mode != authModeToken:
		return nil
	case a.Token == "":
		return []Problem{{
			Key:     "auth.token",
			Allowed: "a token, because auth.mode is token: in the environment, or in a file that auth.tokenFile names",
		}}
	case !bearerToken.MatchString(a.Token):
		return []Problem{{
			Key:     "auth.token",
			Value:   a.Token,
			Allowed: "letters, digits and -._~+/ with = at the end, as a header can carry them (RFC 6750)",
		}}
	}
	return nil
}
