package platform_test

import (
	"bytes"
	"context"
	"io"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// send makes a request; the answer's body is closed with the spec.
func send(ctx context.Context, method, target string, body io.Reader, header ...string) *http.Response {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	Expect(err).NotTo(HaveOccurred())
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	content, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.Body.Close()).To(Succeed())
	response.Body = io.NopCloser(bytes.NewReader(content))
	return response
}

// get returns the error of a GET.
func get(ctx context.Context, client *http.Client, target string) error {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	Expect(err).NotTo(HaveOccurred())
	response, err := client.Do(request)
	if err == nil {
		Expect(response.Body.Close()).To(Succeed())
	}
	return err
}
