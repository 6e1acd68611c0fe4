"""OpenVINO is used without what reports use."""

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
