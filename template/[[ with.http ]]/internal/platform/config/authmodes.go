package config

const authModeToken = "token"

// authModes lists what auth.mode may be in this service. It has a file of its own because the answers that bring another
// mode bring another version of this file.
func authModes() []string { return []string{"off", authModeToken} }
