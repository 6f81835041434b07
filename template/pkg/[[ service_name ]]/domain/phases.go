package domain

import (
	"fmt"
	"slices"
)

// Phase is a step in the life of a resource.
type Phase string

// The phases. Complete and Failed are final.
const (
	Pending    Phase = "pending"
	Processing Phase = "processing"
	Retrying   Phase = "retrying"
	Complete   Phase = "complete"
	Failed     Phase = "failed"
)

// Phases lists all phases in the order of a resource's life.
func Phases() []Phase {
	return []Phase{Pending, Processing, Retrying, Complete, Failed}
}

// next is the transition table: the phases that may follow each phase, and the first ones.
// A new generation of a custom resource's spec begins at the first ones again.
var next = map[Phase][]Phase{
	"":         {Pending, Failed},
	Pending:    {Processing, Failed},
	Processing: {Retrying, Complete, Failed},
	Retrying:   {Processing, Failed},
}

// Final tells whether the phase is never left.
func (p Phase) Final() bool {
	return p == Complete || p == Failed
}

// To moves the resource to another phase. An error means a bug in the caller: the table does not know
// the step, and nothing was changed.
func (s *Status) To(phase Phase) error {
	if !slices.Contains(next[s.Phase], phase) {
		return fmt.Errorf("moving from phase %q to %q: no such step", s.Phase, phase)
	}
	s.Phase = phase
	return nil
}
