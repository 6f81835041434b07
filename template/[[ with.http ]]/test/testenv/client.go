package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// Problem is the answer to a request that failed (RFC 9457).
type Problem struct {
	Type, Title, Detail, Instance, RequestID string
	Status                                   int
	Errors                                   []FieldError
}

// FieldError is what is wrong with one field.
type FieldError struct {
	Field, Message string
}

// Header is a header to send.
type Header struct {
	Name, Value string
}

// Key is the header that makes a repetition of a request harmless.
func Key(value string) Header {
	return Header{"Idempotency-Key", value}
}

// Client calls the API.
type Client struct {
	// URL is what the paths are appended to.
	URL string
	// Token is sent with each request unless it is empty.
	Token string

	client *http.Client
}

// NewClient returns a client whose connections are closed after the spec or suite.
func NewClient(url, token string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	DeferCleanup(transport.CloseIdleConnections)
	return &Client{URL: url, Token: token, client: &http.Client{Transport: transport}}
}

// Send makes a request and returns its answer, whose body can be read without an end. It returns an error
// when there is no answer.
func (c *Client) Send(ctx context.Context, method, path string, body []byte, headers ...Header) (*http.Response, error) {
	if len(body) == 0 {
		return c.Stream(ctx, method, path, http.NoBody, headers...)
	}
	return c.Stream(ctx, method, path, bytes.NewReader(body), headers...)
}

// Stream is Send with a body that may come bit by bit.
func (c *Client) Stream(ctx context.Context, method, path string, body io.Reader, headers ...Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for _, h := range headers {
		request.Header.Set(h.Name, h.Value)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	return response, nil
}

// Post posts a body: a string as it is, anything else as JSON.
func (c *Client) Post(ctx context.Context, body any, headers ...Header) *http.Response {
	GinkgoHelper()
	response, err := c.Send(ctx, http.MethodPost, Collection, encode(body), headers...)
	Expect(err).NotTo(HaveOccurred())
	return response
}

// Create posts a spec, which must be accepted.
func (c *Client) Create(ctx context.Context, spec Spec, headers ...Header) Accepted {
	GinkgoHelper()
	response := c.Post(ctx, spec, headers...) //nolint:bodyclose // Stream has closed it
	Expect(response).To(HaveHTTPStatus(http.StatusAccepted))
	accepted := Decode[Accepted](response)
	Expect(response).To(HaveHTTPHeaderWithValue("Location", Collection+"/"+accepted.ID))
	return accepted
}

// Get gets a path.
func (c *Client) Get(ctx context.Context, path string, headers ...Header) *http.Response {
	GinkgoHelper()
	response, err := c.Send(ctx, http.MethodGet, path, nil, headers...)
	Expect(err).NotTo(HaveOccurred())
	return response
}

// Read returns the resource with the id, which must exist.
func (c *Client) Read(ctx context.Context, id string) Resource {
	GinkgoHelper()
	response := c.Get(ctx, Collection+"/"+id) //nolint:bodyclose // Stream has closed it
	Expect(response).To(HaveHTTPStatus(http.StatusOK))
	return Decode[Resource](response)
}

// List returns a page of the list; the query is what follows the question mark.
func (c *Client) List(ctx context.Context, query string) Page {
	GinkgoHelper()
	response := c.Get(ctx, Collection+"?"+query) //nolint:bodyclose // Stream has closed it
	Expect(response).To(HaveHTTPStatus(http.StatusOK))
	return Decode[Page](response)
}

// Await reads a resource until it is in the phase, and returns it.
func (c *Client) Await(ctx context.Context, id, phase string) Resource {
	GinkgoHelper()
	var found Resource
	Eventually(func(g Gomega) {
		response, err := c.Send(ctx, http.MethodGet, Collection+"/"+id, nil) //nolint:bodyclose // Stream has closed it
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(response).To(HaveHTTPStatus(http.StatusOK))
		found = Decode[Resource](response)
		g.Expect(found.Status).To(Equal(phase), "%+v", found)
	}).WithContext(ctx).WithTimeout(10 * time.Second).WithPolling(2 * time.Millisecond).Should(Succeed())
	return found
}

// Decode reads the body of an answer.
func Decode[T any](response *http.Response) T {
	GinkgoHelper()
	var value T
	content, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	response.Body = io.NopCloser(bytes.NewReader(content))
	Expect(json.Unmarshal(content, &value)).To(Succeed(), "body: %s", content)
	return value
}

// ExpectProblem checks that an answer is a problem with the status and the request's id, and returns it.
func ExpectProblem(response *http.Response, status int) Problem {
	GinkgoHelper()
	Expect(response).To(SatisfyAll(
		HaveHTTPStatus(status),
		HaveHTTPHeaderWithValue("Content-Type", "application/problem+json"),
	))
	problem := Decode[Problem](response)
	Expect(problem.Status).To(Equal(status))
	Expect(problem.Title).NotTo(BeEmpty())
	Expect(problem.RequestID).NotTo(BeEmpty())
	Expect(response).To(HaveHTTPHeaderWithValue("X-Request-Id", problem.RequestID))
	return problem
}

func encode(body any) []byte {
	GinkgoHelper()
	switch given := body.(type) {
	case string:
		return []byte(given)
	case []byte:
		return given
	}
	encoded, err := json.Marshal(body)
	Expect(err).NotTo(HaveOccurred())
	return encoded
}
