// Command order-notifier runs the service. See --help for its flags and README.md for the rest.
package main

import (
	"os"

	"example.com/order-notifier/cmd/order-notifier/assembly"
	"example.com/order-notifier/internal/platform/app"
)

func main() {
	os.Exit(app.Main(assembly.Name, assembly.EnvPrefix, assembly.Defaults(), assembly.Assemble))
}
