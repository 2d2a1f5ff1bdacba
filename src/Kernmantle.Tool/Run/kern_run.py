# Runs in the interpreter before the script: tells, when the script's process ends by itself, what it has used.
def _kern_tell(path):
    import atexit
    import os
    import sys

    def tell():
        if getattr(sys.modules["__main__"], "__file__", None) is None:
            return
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        peak = 0
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    peak = int(line.split()[1]) << 10
        with open(path + "." + str(os.getpid()), "w") as file:
            file.write(f"{used.ru_utime + used.ru_stime} {peak} {used.ru_nvcsw} {used.ru_nivcsw}")
        os.replace(path + "." + str(os.getpid()), path)

    atexit.register(tell)
