package app

import "context"

// Service is what an assembly returns. Either field may be nil.
type Service struct {
	// Run works in the background until ctx ends. If Run returns an error before, the service stops.
	Run func(ctx context.Context) error
	// Close releases what the assembly opened, after Run has returned.
	Close func(ctx context.Context) error
}

func (a *app) serve(ctx context.Context, service *Service) error {
	if service.Run != nil {
		a.background(ctx, service.Run)
	}
	return nil
}
