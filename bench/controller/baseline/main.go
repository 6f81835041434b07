// Command baseline is a controller as the textbooks write it, to measure ours against: a finalizer by a full update, two
// full updates of the status, and no predicate. It delivers as the console channel does. It is copied into a rendered
// service named orders, whose types it uses.
package main

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"example.com/orders/api/orders/v1alpha1"
	"example.com/orders/internal/platform/config"
	"example.com/orders/internal/platform/kubernetes"
)

const finalizer = "orders.example.com/finalizer"

type reconciler struct {
	client.Client
	log *slog.Logger
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var resource v1alpha1.Notification
	if err := r.Get(ctx, request.NamespacedName, &resource); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !resource.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(&resource, finalizer) {
			return ctrl.Result{}, r.Update(ctx, &resource)
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(&resource, finalizer) {
		if err := r.Update(ctx, &resource); err != nil {
			return ctrl.Result{}, err
		}
	}
	if resource.Status.Phase == v1alpha1.NotificationComplete {
		return ctrl.Result{}, nil
	}
	now := metav1.Now()
	resource.Status.Phase = v1alpha1.NotificationProcessing
	resource.Status.StartTime = &now
	if err := r.Status().Update(ctx, &resource); err != nil {
		return ctrl.Result{}, err
	}
	r.log.InfoContext(ctx, "Console delivery", "channel", "console", "type", resource.Spec.Type, "data", resource.Spec.Data)
	now = metav1.Now()
	resource.Status.Phase = v1alpha1.NotificationComplete
	resource.Status.CompletionTime = &now
	resource.Status.ObservedGeneration = resource.Generation
	resource.Status.Deliveries = []v1alpha1.NotificationDelivery{{
		Channel: "console", State: "Success", Attempts: 1, LastAttemptTime: &now,
	}}
	resource.Status.Attempts, resource.Status.SuccessfulDeliveries = 1, 1
	meta.SetStatusCondition(&resource.Status.Conditions, metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Complete", ObservedGeneration: resource.Generation,
	})
	return ctrl.Result{}, r.Status().Update(ctx, &resource)
}

func run() error {
	flags := flag.NewFlagSet("baseline", flag.ExitOnError) // controller-runtime has flags of its own in the other set
	kubeconfig := flags.String("kubeconfig", "", "file to connect with")
	namespace := flags.String("namespace", "", "namespace to work in")
	health := flags.String("health", "", "address of the probes")
	concurrency := flags.Int("concurrency", 1, "reconciles at once")
	qps := flags.Int("qps", -1, "requests to the API server in a second; -1 for no limit")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctrl.SetLogger(logr.FromSlogHandler(log.Handler()))
	settings := config.Defaults().Kubernetes
	settings.Kubeconfig, settings.Namespace = *kubeconfig, *namespace
	settings.QPS, settings.Burst = *qps, *qps
	api, _, err := kubernetes.Config(settings)
	if err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return err
	}
	manager, err := ctrl.NewManager(api, ctrl.Options{
		Scheme:                 scheme,
		Cache:                  cache.Options{DefaultNamespaces: map[string]cache.Config{*namespace: {}}},
		Metrics:                server.Options{BindAddress: "0"},
		HealthProbeBindAddress: *health,
	})
	if err != nil {
		return err
	}
	err = manager.AddReadyzCheck("cache", func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), time.Second)
		defer cancel()
		if !manager.GetCache().WaitForCacheSync(ctx) {
			return context.Cause(ctx)
		}
		return nil
	})
	if err == nil {
		err = manager.AddHealthzCheck("ping", healthz.Ping)
	}
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).
		For(&v1alpha1.Notification{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: *concurrency}).
		Complete(&reconciler{manager.GetClient(), log})
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	if err := run(); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
