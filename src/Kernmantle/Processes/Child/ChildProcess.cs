using System.Runtime.InteropServices;
using Kernmantle.Calls;
using Kernmantle.Logging;
using Kernmantle.Processes.Transport;

namespace Kernmantle.Processes.Child;

/// <summary>The entry of a worker process.</summary>
internal static partial class ChildProcess
{
    /// <summary>How long the process may take to exit once its host is gone, in seconds.</summary>
    private const uint ExitBound = 2;

    /// <summary>Serves the host at the other end of <paramref name="channel"/> on the calling thread; returns the exit code.</summary>
    public static int Run(SafeHandle channel)
    {
        var transport = new BlockingSocketTransport(channel);
        var loggers = new ForwardingLoggerFactory(transport, TimeProvider.System);
        KernmantleLog.DefaultFactory = loggers;
        var console = new ConsoleCapture(loggers);
        console.Install();
        return new ChildLoop(transport, loggers, WorkerFunction.Resolve, Exit, console).Run();
    }

    /// <summary>An orderly exit runs handlers of the user's, which may never return: the kernel's alarm ends the process all the same.</summary>
    private static void Exit(int code)
    {
        if (!OperatingSystem.IsWindows())
            _ = Alarm(ExitBound);
        Environment.Exit(code);
    }

    [LibraryImport("libc", EntryPoint = "alarm")]
    private static partial uint Alarm(uint seconds);
}
