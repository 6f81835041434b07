// Package paging turns positions in a list into the cursors that callers hand back.
package paging

import (
	"encoding/base64"
	"errors"
	"strings"
)

// prefix marks a cursor's version, so that its content can change without misreading old ones.
const prefix = "1:"

// ErrInvalid is returned for a cursor that Encode has not made.
var ErrInvalid = errors.New("not a cursor of this service")

// Encode makes a cursor from the id at which a page ended; an empty id gives an empty cursor.
func Encode(id string) string {
	if id == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(prefix + id))
}

// Decode returns the id in a cursor, or ErrInvalid. An empty cursor gives an empty id.
func Decode(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", ErrInvalid
	}
	id, found := strings.CutPrefix(string(raw), prefix)
	if !found || id == "" {
		return "", ErrInvalid
	}
	return id, nil
}
