"""Starts the emulator, with rules for what it may have the Docker engine do.

By itself it publishes each database on every address of the machine, without a limit or a label, at a port that only
counts upwards. Docker's Python client is its one way to the engine, so the rules stand around that client, and the
emulator is as it was published. The xtask copies this file into the container: it serves the public image and the
built one alike.

EMULATOR_RULES is JSON, written by the xtask:
    labels   marks of everything that is made; nothing else is ever listed
    network  the one that every container joins; the containers' names begin with it
    images   what is asked for, by its beginning, and the image that is taken for it
    memory   bytes that a container may use
"""

import json
import os
import sys
import time

from docker.api.client import APIClient
from docker.errors import DockerException

# The public image has the emulator in its working directory.
sys.path.append(os.getcwd())

from ministack.app import main
from ministack.services import elasticache, rds

RULES = json.loads(os.environ["EMULATOR_RULES"])
create_container, inspect_container, remove_container, list_containers, inspect_image = (
    APIClient.create_container_from_config,
    APIClient.inspect_container,
    APIClient.remove_container,
    APIClient.containers,
    APIClient.inspect_image,
)


def stand_in(image):
    return next((ours for asked, ours in RULES["images"].items() if image.startswith(asked)), image)


def own_name(name):
    """The name of a database's container. The emulator's own is the same for a database of that name on another emulator,
    and what has the name of a container that it is about to start, it removes."""
    return name and name.replace("ministack", RULES["network"], 1)


def create_by_the_rules(self, config, name=None, *args, **kwargs):
    config["Image"] = stand_in(config["Image"])
    if config["Image"] not in RULES["images"].values():
        raise DockerException(f"nothing stands in for the image {config['Image']}: emulator.toml lists what does")
    config["Labels"] = {**(config.get("Labels") or {}), **RULES["labels"]}
    host = config["HostConfig"]
    host["NetworkMode"], host["Memory"] = RULES["network"], RULES["memory"]
    bindings = [binding for bindings in (host.get("PortBindings") or {}).values() for binding in bindings]
    for binding in bindings:
        binding["HostIp"] = "127.0.0.1"
    # In place of a file system in memory, which 256 MB fill, the volume that the image asks for: it goes with its container.
    # One with a name would outlive its database, and give a new one of the same name the old one's password.
    host.pop("Tmpfs", None)
    created = create_container(self, config, own_name(name), *args, **kwargs)
    LowestFreePort.holders.update({int(binding["HostPort"]): created["Id"] for binding in bindings if binding["HostPort"]})
    return created


def remove_whole(self, container, v=True, *args, **kwargs):
    # It keeps the volume of a database that could not be started, where nobody would find it again.
    return remove_container(self, container, True, *args, **kwargs)


def list_ours(self, *args, filters=None, **kwargs):
    # At its start it removes what looks like an earlier emulator's, whosever that is.
    filters = dict(filters or {})
    asked = filters.get("label") or []
    filters["label"] = [
        *([asked] if isinstance(asked, str) else asked),
        *(f"{key}={value}" for key, value in RULES["labels"].items()),
    ]
    return list_containers(self, *args, filters=filters, **kwargs)


def refuse_to_pull(self, repository, *args, **kwargs):
    raise DockerException(f"nothing is pulled: emulator.toml has to list what stands in for {repository}")


class LowestFreePort(list):
    """In place of a counter that only grows: a database that is made anew has the port it had, as Terraform expects."""

    # Container by port, from its creation on: the engine publishes the port only when it starts.
    holders = {}
    # Seconds from giving out a port to the creation of its container.
    CREATING = 30

    def __init__(self, first):
        super().__init__([first])
        self.given = {}

    def __getitem__(self, _):
        containers = list_containers(APIClient(version="auto"), all=True)
        ids = {found["Id"] for found in containers}
        taken = {port.get("PublicPort") for found in containers for port in found["Ports"]}
        taken.update(port for port, holder in self.holders.items() if holder in ids)
        now = time.monotonic()
        taken.update(port for port, when in self.given.items() if port not in self.holders and now - when < self.CREATING)
        port = super().__getitem__(0)
        while port in taken:
            port += 1
        self.holders.pop(port, None)
        return port

    def __setitem__(self, _, following):
        # The emulator counts on by one once it has taken a port.
        self.given[following - 1] = time.monotonic()


APIClient.create_container_from_config = create_by_the_rules
APIClient.inspect_container = lambda self, container: inspect_container(self, own_name(container))
APIClient.remove_container = remove_whole
APIClient.containers = list_ours
APIClient.inspect_image = lambda self, image: inspect_image(self, stand_in(image))
APIClient.pull = refuse_to_pull
for service in (elasticache, rds):
    service._port_counter = LowestFreePort(service.BASE_PORT)

main()
