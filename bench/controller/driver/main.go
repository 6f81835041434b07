// Command driver measures controllers on a real API server: it creates resources, starts the controller as a process of
// its own, and waits until all of them are Complete. It is copied into a rendered service named orders, whose types it uses.
//
//	driver [-resources N] [-rounds N] name=command…     {kubeconfig}, {namespace} and {health} are filled in
//
// The report is JSON on standard output: for each name the medians over the rounds, which alternate.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"example.com/orders/api/orders/v1alpha1"
)

// figures are what one round gives.
type figures struct {
	// ObjectsPerSecond counts from the first change of a status to the last.
	ObjectsPerSecond float64 `json:"objects_per_second"`
	// RequestsPerObject are those that the API server counted, without the driver's own.
	RequestsPerObject float64 `json:"requests_per_object"`
	// WritesPerObject are those of them that change the resource or its status.
	WritesPerObject float64 `json:"writes_per_object"`
	// PeakRSS is the process's largest resident memory in MiB.
	PeakRSS float64 `json:"peak_rss_mib"`
}

type driver struct {
	environment *envtest.Environment
	api         *rest.Config
	client      client.WithWatch
	resources   int
	kubeconfig  string
}

func main() {
	resources := flag.Int("resources", 1000, "resources in each round")
	rounds := flag.Int("rounds", 3, "rounds for each controller")
	flag.Parse()
	report, err := run(context.Background(), *resources, *rounds, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "driver:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		os.Exit(1)
	}
}

func run(ctx context.Context, resources, rounds int, controllers []string) (map[string]figures, error) {
	d := &driver{resources: resources}
	if err := d.start(); err != nil {
		return nil, err
	}
	defer d.environment.Stop() //nolint:errcheck // the process ends
	measured := map[string][]figures{}
	for round := range rounds {
		for _, controller := range controllers {
			name, command, _ := strings.Cut(controller, "=")
			f, err := d.round(ctx, fmt.Sprintf("%s-%d", name, round), command)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(os.Stderr, "%s round %d: %+v\n", name, round, f)
			measured[name] = append(measured[name], f)
		}
	}
	report := map[string]figures{}
	for name, all := range measured {
		report[name] = figures{
			ObjectsPerSecond:  median(all, func(f figures) float64 { return f.ObjectsPerSecond }),
			RequestsPerObject: median(all, func(f figures) float64 { return f.RequestsPerObject }),
			WritesPerObject:   median(all, func(f figures) float64 { return f.WritesPerObject }),
			PeakRSS:           median(all, func(f figures) float64 { return f.PeakRSS }),
		}
	}
	return report, nil
}

func median(all []figures, of func(figures) float64) float64 {
	values := make([]float64, len(all))
	for i, f := range all {
		values[i] = of(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (d *driver) start() error {
	d.environment = &envtest.Environment{CRDDirectoryPaths: []string{"config/crd/bases"}, ErrorIfCRDPathMissing: true}
	api, err := d.environment.Start()
	if err != nil {
		return err
	}
	d.api = api
	d.api.QPS, d.api.Burst = 2000, 4000
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	if d.client, err = client.NewWithWatch(d.api, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	user, err := d.environment.AddUser(envtest.User{Name: "bench", Groups: []string{"system:masters"}}, d.api)
	if err != nil {
		return err
	}
	content, err := user.KubeConfig()
	if err != nil {
		return err
	}
	d.kubeconfig = "build/bench.kubeconfig"
	return os.WriteFile(d.kubeconfig, content, 0o600)
}

// round creates the resources, lets a controller work on them, and measures it.
func (d *driver) round(ctx context.Context, namespace, command string) (figures, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := d.create(ctx, namespace); err != nil {
		return figures{}, err
	}
	watch, err := d.client.Watch(ctx, &v1alpha1.NotificationList{}, client.InNamespace(namespace))
	if err != nil {
		return figures{}, err
	}
	defer watch.Stop()
	requestsBefore, writesBefore, err := d.requests(ctx)
	if err != nil {
		return figures{}, err
	}
	process, err := d.launch(command, namespace)
	if err != nil {
		return figures{}, err
	}
	defer process.Wait()                          //nolint:errcheck // ended by a signal
	defer process.Process.Signal(syscall.SIGTERM) //nolint:errcheck // the same
	var first time.Time
	complete := map[string]bool{}
	for len(complete) < d.resources {
		select {
		case <-ctx.Done():
			return figures{}, fmt.Errorf("%d of %d are complete: %w", len(complete), d.resources, ctx.Err())
		case event, open := <-watch.ResultChan():
			resource, ok := event.Object.(*v1alpha1.Notification)
			if !open || !ok {
				return figures{}, fmt.Errorf("the watch ended: %v", event.Object)
			}
			if resource.Status.Phase == v1alpha1.NotificationPending || resource.Status.Phase == "" {
				continue
			}
			if first.IsZero() {
				first = time.Now()
			}
			if resource.Status.Phase == v1alpha1.NotificationComplete {
				complete[resource.Name] = true
			}
		}
	}
	took := time.Since(first)
	peak, err := peakRSS(process.Process.Pid)
	if err != nil {
		return figures{}, err
	}
	requests, writes, err := d.requests(ctx)
	if err != nil {
		return figures{}, err
	}
	count := float64(d.resources)
	return figures{
		ObjectsPerSecond:  count / took.Seconds(),
		RequestsPerObject: (requests - requestsBefore) / count,
		WritesPerObject:   (writes - writesBefore) / count,
		PeakRSS:           peak,
	}, nil
}

func (d *driver) create(ctx context.Context, namespace string) error {
	if err := d.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i := range d.resources {
		group.Go(func() error {
			return d.client.Create(ctx, &v1alpha1.Notification{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("bench-%04d", i)},
				Spec:       v1alpha1.NotificationSpec{Type: "bench", Data: map[string]string{"order": strconv.Itoa(i)}},
			})
		})
	}
	return group.Wait()
}

func (d *driver) launch(command, namespace string) (*exec.Cmd, error) {
	health, err := freePort()
	if err != nil {
		return nil, err
	}
	filled := strings.NewReplacer("{kubeconfig}", d.kubeconfig, "{namespace}", namespace, "{health}", strconv.Itoa(health)).Replace(command)
	words := strings.Fields(filled)
	process := exec.Command(words[0], words[1:]...)
	process.Stderr = os.Stderr
	return process, process.Start()
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close() //nolint:errcheck // nothing was sent
	return listener.Addr().(*net.TCPAddr).Port, nil
}

var counted = regexp.MustCompile(`^apiserver_request_total\{.*resource="(notifications|events|leases)".*subresource="(\w*)".*verb="(\w+)".*\} ([0-9.e+]+)$`)

// requests returns how many the API server has answered about resources, events and leases, and how many of them wrote
// resources.
func (d *driver) requests(ctx context.Context) (all, writes float64, err error) {
	transport, err := rest.TransportFor(d.api)
	if err != nil {
		return 0, 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(d.api.Host, "/")+"/metrics", http.NoBody)
	if err != nil {
		return 0, 0, err
	}
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	if answer.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("asking the API server for its metrics: %s", answer.Status)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		match := counted.FindSubmatch(lines.Bytes())
		if match == nil || bytes.Equal(match[3], []byte("WATCH")) {
			continue
		}
		value, err := strconv.ParseFloat(string(match[4]), 64)
		if err != nil {
			return 0, 0, err
		}
		all += value
		if string(match[1]) == "notifications" && slices.Contains([]string{"PUT", "PATCH", "APPLY", "POST"}, string(match[3])) {
			writes += value
		}
	}
	return all, writes, lines.Err()
}

func peakRSS(pid int) (float64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(content)
	if match == nil {
		return 0, fmt.Errorf("no VmHWM in the status of process %d", pid)
	}
	kib, err := strconv.ParseFloat(string(match[1]), 64)
	return kib / 1024, err
}
