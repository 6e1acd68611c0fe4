"""OpenVINO is used without what reports use, and is never given back."""

import subprocess
import sys


def test_no_telemetry_is_imported():
    code = (
        "import sys\n"
        "from polyclinic.runtime.predictors.openvino_silent import openvino\n"
        "openvino.Core()\n"
        "sys.exit(any(m and n.startswith('openvino_telemetry') for n, m in sys.modules.items()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_signal_after_another_thread_let_go_does_no_harm():
    """The end of a child is a signal; its handler runs on the stack that the CPU plugin gave."""
    code = (
        "import signal, subprocess, sys, threading\n"
        "from polyclinic.runtime.predictors.openvino_silent import core\n"
        "held = [core()]\n"
        "held[0].get_property('CPU', 'FULL_DEVICE_NAME')\n"
        "thread = threading.Thread(target=held.clear)\n"
        "thread.start()\n"
        "thread.join()\n"
        "signal.signal(signal.SIGCHLD, lambda *_: None)\n"
        "for _ in range(20):\n"
        "    subprocess.run([sys.executable, '-S', '-c', ''], check=True)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
