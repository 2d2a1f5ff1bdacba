using Kernmantle;
using Microsoft.Extensions.Logging;

namespace First;

/// <summary>The note's program: one worker with an argument, a log, and a join that may be left out.</summary>
internal static class NoteProgram
{
    /// <summary>The function of the thread, or of the process: the same one.</summary>
    public static void ThreadFunc(string name)
    {
        WorkerContext context = WorkerContext.Current!;
        context.Logger.LogInformation("Sub-Thread: {Name}: starting", name);
        // The work: three seconds of waiting, which being asked to stop cuts short.
        context.StoppingToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(3));
        context.Logger.LogInformation("Sub-Thread: {Name}: finishing", name);
    }

    public static void Run(bool inProcess, bool join, bool background)
    {
        // N20: messages go through a log, each with its time, to standard error. In the process place each line of the worker
        // also tells the process it came from. Not disposed of: without join, the worker still writes when this method is done.
        ILoggerFactory loggers = KernmantleLog.CreateConsole(includeScopes: inProcess);
        ILogger log = loggers.CreateLogger("Main-Thread");
        log.LogInformation("Main-Thread: before creating thread");

        // N23: "First" is an argument of the function, as it is an argument here. The place is the only difference.
        Worker worker = inProcess
            ? Worker.OnProcess("First", ThreadFunc, "First", new() { Background = background, LoggerFactory = loggers })
            : Worker.OnThread("First", ThreadFunc, "First", new() { Background = background, LoggerFactory = loggers });
        log.LogInformation("Main-Thread: before running thread");

        worker.Start();

        // N22: join waits until the worker is done. It stands before the next line, so that line comes last; without it, at once.
        if (join)
            worker.Join().ThrowIfFailed();

        log.LogInformation("Main-Thread: wait for the thread to finish");

        log.LogInformation("Main-Thread: all done");

        // N21: without join, the program still ends only when its worker has finished, unless that is a background one.
    }
}
