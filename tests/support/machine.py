"""What a test needs of this machine: a Java that is new enough, free ports."""
import glob
import os
import re
import shutil
import socket
import subprocess

JAVAS = "JAVA_HOME, /usr/lib/jvm/*, /opt/*, PATH"  # where one is looked for


def find_java(needed):
    """A java command of that version or a newer one, or None."""
    homes = [os.environ.get("JAVA_HOME", "")] + sorted(glob.glob("/usr/lib/jvm/*"), reverse=True)
    homes += sorted(glob.glob("/opt/*"), reverse=True)
    commands = [os.path.join(h, "bin", "java") for h in homes if h] + [shutil.which("java") or ""]
    for command in commands:
        if not os.access(command, os.X_OK):
            continue
        said = subprocess.run([command, "-version"], stderr=subprocess.PIPE, text=True).stderr
        version = re.search(r'version "(\d+)', said)
        if version and int(version[1]) >= needed:
            return command
    return None


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
