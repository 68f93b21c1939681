# Reaches the engine that DOCKER_HOST or DOCKER_CONTEXT names, otherwise the local socket.
# It does not know of `docker context use`.
provider "docker" {}
