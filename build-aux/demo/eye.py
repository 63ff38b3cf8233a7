# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at pixels of an X screen and presses its pointer, without the accessibility bus and fast enough to time frames."""

import ctypes
import time


class Eye:
    """Reads pixels of an X screen and presses its pointer, fast enough to time frames (about 0.2 ms a look)."""

    def __init__(self, display):
        self.x = ctypes.CDLL("libX11.so.6")
        self.t = ctypes.CDLL("libXtst.so.6")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XGetImage.restype = ctypes.c_void_p
        self.x.XGetImage.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
        self.x.XGetPixel.restype = ctypes.c_ulong
        self.x.XGetPixel.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        self.x.XDefaultRootWindow.restype = ctypes.c_ulong
        self.x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self.x.XFlush.argtypes = [ctypes.c_void_p]
        self.x.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self.t.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_ulong]
        self.t.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self.d = self.x.XOpenDisplay(display.encode())
        self.root = self.x.XDefaultRootWindow(self.d)

    def strip(self, y0=0, y1=1920, count=40):
        """A fingerprint of the screen: pixels down the middle column."""
        image = self.x.XGetImage(self.d, self.root, 540, y0, 1, y1 - y0, 0xFFFFFFFF, 2)
        step = (y1 - y0) // count
        values = tuple(self.x.XGetPixel(image, 0, i * step) for i in range(count))
        self.x.XFree(ctypes.c_void_p(image))  # the pixels of a 1-wide image are a few kilobytes a look; the process ends soon
        return values

    def click(self, px, py):
        self.t.XTestFakeMotionEvent(self.d, -1, px, py, 0)
        self.x.XSync(self.d, 0)
        time.sleep(0.1)
        self.t.XTestFakeButtonEvent(self.d, 1, 1, 0)
        self.x.XFlush(self.d)
        time.sleep(0.03)
        self.t.XTestFakeButtonEvent(self.d, 1, 0, 0)
        self.x.XSync(self.d, 0)
        return time.monotonic()


def until_changed(eye, before, seconds=10):
    """Seconds from now until the screen differs in at least a quarter of the places looked at."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        now = eye.strip()
        if sum(a != b for a, b in zip(before, now)) >= len(now) // 4:
            return time.monotonic()
    raise TimeoutError("the screen did not change")


def settled(eye, seconds=10, quiet=0.7):
    """Waits until the screen has not changed for `quiet` seconds, at most `seconds`; gives what it shows."""
    last, since, end = eye.strip(), time.monotonic(), time.monotonic() + seconds
    while time.monotonic() < end:
        now = eye.strip()
        if now != last:
            last, since = now, time.monotonic()
        if time.monotonic() - since > quiet:
            return last
        time.sleep(0.02)
    return last
