using System.Runtime.InteropServices;
using Kernmantle.Child.Lane;
using Kernmantle.Child.Logs;
using Kernmantle.Functions;
using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.SharedBuffers;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Start;

namespace Kernmantle.Child;

/// <summary>The entry of a worker process.</summary>
internal static partial class ChildProcess
{
    /// <summary>How long the process may take to exit once its host is gone, in seconds.</summary>
    private const uint ExitBound = 2;

    /// <summary>Serves the host at the other end of <paramref name="channel"/> on the calling thread; returns the exit code.</summary>
    /// <param name="channel">The socket.</param>
    /// <param name="rings">Where the rings are, if there are any.</param>
    public static int Run(SafeHandle channel, WorkerTicket rings = default)
    {
#pragma warning disable CA1859 // Both kinds serve the same loop.
        IFrameTransport transport = rings.RingBytes == 0
            ? new BlockingSocketTransport(channel)
            : new WorkerRings(channel, new(WorkerTicket.RingsDescriptor, ownsHandle: true), rings.RingBytes, new(WorkerTicket.BellDescriptor, ownsHandle: true));
#pragma warning restore CA1859
        if (transport is WorkerRings shared)
            SharedBlocks.FromHost = shared.Blocks.Allocate;
        var loggers = new ForwardingLoggerFactory(transport, TimeProvider.System);
        KernmantleLog.DefaultFactory = loggers;
        var console = new ConsoleCapture(loggers);
        console.Install();
        var loop = new ChildLoop(transport, loggers, WorkerFunction.Resolve, Exit, console);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            console.EndLines();
            if (!loop.HasEnded)
                ChildEvents.CallsExit(loggers.CreateLogger(LogCategories.Worker), Environment.ExitCode);
        };
        return loop.Run();
    }

    /// <summary>An orderly exit runs handlers of the user's, which may never return: the kernel's alarm ends the process all the same.</summary>
    private static void Exit(int code)
    {
        if (!OperatingSystem.IsWindows())
            _ = LibC.Alarm(ExitBound);
        Environment.Exit(code);
    }

}
