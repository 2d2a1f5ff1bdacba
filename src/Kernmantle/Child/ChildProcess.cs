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
        var life = new Life();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => life.OnExit();
        if (rings.RingBytes == 0)
            return life.Run(new BlockingSocketTransport(channel));
        var files = new RingFiles(new(WorkerTicket.RingsDescriptor, ownsHandle: true), rings.RingBytes, new(WorkerTicket.BellDescriptor, ownsHandle: true));
        while (true)
        {
            var transport = new WorkerRings(channel, files);
            SharedBlocks.FromHost = transport.Blocks.Allocate;
            int code = life.Run(transport);
            if (!life.HasMoved)
                return code;
            files = transport.Next.Files!;
            transport.Leave();
        }
    }

    /// <summary>An orderly exit runs handlers of the user's, which may never return: the kernel's alarm ends the process all the same.</summary>
    private static void Exit(int code)
    {
        if (!OperatingSystem.IsWindows())
            _ = LibC.Alarm(ExitBound);
        Environment.Exit(code);
    }

    /// <summary>What the process is at the time: the worker of one pool, and perhaps that of another afterwards. All that it has of the one goes with it.</summary>
    private sealed class Life
    {
        private ForwardingLoggerFactory? loggers;
        private ConsoleCapture? console;
        private ChildLoop? loop;

        public bool HasMoved => loop!.HasMoved;

        public int Run(IFrameTransport transport)
        {
            loggers = new ForwardingLoggerFactory(transport, TimeProvider.System);
            KernmantleLog.DefaultFactory = loggers;
            console = new ConsoleCapture(loggers);
            console.Install();
            loop = new ChildLoop(transport, loggers, WorkerFunction.Resolve, Exit, console);
            return loop.Run();
        }

        public void OnExit()
        {
            console?.EndLines();
            if (loop is { HasEnded: false })
                ChildEvents.CallsExit(loggers!.CreateLogger(LogCategories.Worker), Environment.ExitCode);
        }
    }
}
