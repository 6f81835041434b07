"""The manifests, image and CI definitions of rendered services, checked as what they become."""
