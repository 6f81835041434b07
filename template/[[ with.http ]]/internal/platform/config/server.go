package config

import (
	"regexp"
	"time"
)

// Server is the API's listener. Port 0, here and below, takes any free port.
type Server struct {
	Port              int           `koanf:"port" usage:"port of the API"`
	ReadTimeout       time.Duration `koanf:"readTimeout" usage:"time to read a request with its body"`
	ReadHeaderTimeout time.Duration `koanf:"readHeaderTimeout" usage:"time to read a request's header"`
	WriteTimeout      time.Duration `koanf:"writeTimeout" usage:"time from the end of the header to the end of the answer"`
	IdleTimeout       time.Duration `koanf:"idleTimeout" usage:"time that an idle connection stays open"`
	BodyLimit         Bytes         `koanf:"bodyLimit" usage:"largest body of a request"`
}

func defaultServer() Server {
	return Server{
		Port:              8080,
		ReadTimeout:       30 * time.Second,
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		BodyLimit:         10 * MiB,
	}
}

// problems leaves the port to the platform, which knows the other ones.
func (s Server) problems() []Problem {
	problems := Positive("server.readTimeout", s.ReadTimeout)
	problems = append(problems, Positive("server.readHeaderTimeout", s.ReadHeaderTimeout)...)
	problems = append(problems, Positive("server.writeTimeout", s.WriteTimeout)...)
	problems = append(problems, Positive("server.idleTimeout", s.IdleTimeout)...)
	problems = append(problems, Between("server.bodyLimit", s.BodyLimit, 1, 1*GiB)...)
	return problems
}

// Auth says how callers prove who they are.
type Auth struct {
	Mode      string `koanf:"mode" usage:"how callers are authenticated"`
	Token     string `koanf:"token" secret:"true" usage:"bearer token that callers must send"`
	TokenFile string `koanf:"tokenFile" usage:"file that holds the bearer token"`
}

// bearerToken is what an Authorization header can carry (RFC 6750, section 2.1); no other token could ever match.
var bearerToken = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

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
