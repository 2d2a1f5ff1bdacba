using Kernmantle.Child.Lane;
using Kernmantle.Child.Logs;
using Kernmantle.Child.Objects;
using Kernmantle.Child.Traces;
using Kernmantle.Logging;
using Kernmantle.SharedState;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>
/// A worker process from the host's greeting to its end. The calling thread runs user code, one call at a time; a thread of its own
/// takes frames, so that a call can be cancelled, and the host's end be noticed, whatever user code does.
/// </summary>
/// <param name="transport">The connection to the host.</param>
/// <param name="loggers">Forward to the host over the same connection.</param>
/// <param name="resolve">Finds functions.</param>
/// <param name="exit">Ends the process, while user code may be running on the calling thread.</param>
/// <param name="console">The console writers, if they were replaced.</param>
internal sealed class ChildLoop(IFrameTransport transport, ForwardingLoggerFactory loggers, FunctionResolver resolve, Action<int> exit, ConsoleCapture? console = null)
{
    private readonly ILogger logger = loggers.CreateLogger(LogCategories.Worker);
    private readonly WorkQueue queue = transport is WorkerRings rings ? new SharedWorkQueue(rings) : new BlockingWorkQueue();
    private readonly FunctionTable functions = new(resolve, loggers.CreateLogger("Kernmantle.Worker"));
    private readonly ObjectCalls objects = new(transport);
    private volatile bool ending;
    private volatile bool hostGone;

    /// <summary>The process ends since its host wants it to, or is gone.</summary>
    public bool HasEnded => ending || hostGone;

    /// <summary>The process goes on as another pool's worker, over <see cref="NextRings.Files"/>.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Returns the exit code.</summary>
    public int Run()
    {
        var calls = new ActiveCalls(transport, logger, console, objects);
        CallLinks start = calls.Add(0);   // set before frames arrive, so that a stop request finds it
        using var forwarder = new SpanForwarder(loggers, logger);
        var traces = new ArrivingTraces(forwarder);
        var dispatcher = new FrameDispatcher(queue, calls, functions, objects, traces, transport as WorkerRings);
        if (queue is SharedWorkQueue shared)
        {
            shared.Receiver = dispatcher;
            shared.TakeGreeting();
        }
        var reader = new Thread(() => Receive(calls, dispatcher)) { IsBackground = true, Name = "Kernmantle reader" };
        reader.Start();
        int code = queue.Take() switch
        {
            Work.Greet greet => Serve(greet, start, traces),
            Work.Abandon abandon => abandon.ExitCode,
            Work other => throw new InvalidOperationException($"{other} before the greeting."),
        };
        if (HasMoved)
            reader.Join();   // then nobody looks at the rings
        else
            ending = true;
        return code;
    }

    private int Serve(Work.Greet greet, CallLinks start, ArrivingTraces traces)
    {
        var reader = new PayloadReader(greet.Hello);
        Hello hello;
        try
        {
            hello = Hello.Read(ref reader);
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            return Mismatch(e);
        }
        loggers.DropsWhenFull = hello.DropsLog;
        var worker = new WorkerIdentity(hello, logger);
        StateMemory.OwnParty = hello.WorkerId;
        var instances = new InstanceTable(logger);
        var main = new MainThread();
        objects.MaxPayload = hello.MaxPayload;
        objects.Own = new(worker, functions, instances);
        var runner = new CallRunner(transport, worker, functions, instances, objects, main);
        if (hello.WaitForDebugger)
            DebuggerWait.Wait(logger, start.Token);
        if (hello.HasInitializer && !new Initializer(functions, runner, main, start).TryRun(ref reader))
            return WorkerExitCodes.InitializerFailed;
        console?.EndLines();
        if (queue is SharedWorkQueue shared)
        {
            shared.Quick = new QuickRunner((WorkerRings)transport, worker, functions, instances, objects, main, traces, start, console);
            ((FrameDispatcher)shared.Receiver!).QuickCancel = shared.Quick.Cancel;
        }
        SendReady();
        int code = RunCalls(runner);
        if (code != WorkerExitCodes.Stopped || HasMoved)
            return code;
        runner.InContext(start, 1, instances.ReleaseAll);
        console?.EndLines();
        ending = true;   // the host closes the connection when it has read the next frame
        transport.Send(FrameKind.Stopped, 0, []);
        Blocking.Wait(transport.FlushAsync());
        return code;
    }

    private int RunCalls(CallRunner runner)
    {
        while (true)
        {
            switch (queue.Take())
            {
                case Work.Run run:
                    runner.Run(run.Call);
                    break;
                case Work.Prepare prepare:
                    if (functions.Warm(prepare.Function) is { } standIn)
                        (queue as SharedWorkQueue)?.Quick!.Rehearse(standIn);
                    transport.Send(FrameKind.Prepared, prepare.Function, []);
                    break;
                case Work.Abandon abandon:
                    return abandon.ExitCode;
                case Work.Move:
                    HasMoved = true;
                    return WorkerExitCodes.Stopped;
                default:
                    return WorkerExitCodes.Stopped;
            }
        }
    }

    private void SendReady()
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        new Ready(Environment.ProcessId).Write(ref writer);
        transport.Send(FrameKind.Ready, 0, body.Written);
    }

    private void Receive(ActiveCalls calls, FrameDispatcher dispatcher)
    {
        int code = WorkerExitCodes.HostGone;
        try
        {
            transport.ReceiveAsync(dispatcher).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            code = Mismatch(e);
        }
        if (ending)
            return;
        if (transport is WorkerRings { Next.Files: not null })
        {
            queue.Add(new Work.Move());
            return;
        }
        hostGone = true;
        calls.CancelAll();
        queue.Add(new Work.Abandon(code));
        exit(code);
    }

    /// <summary>Through the process's own standard error, past the console writers: the channel cannot be trusted.</summary>
    private static int Mismatch(Exception reason)
    {
        using var error = new StreamWriter(Console.OpenStandardError());
        error.WriteLine($"Kernmantle worker {Environment.ProcessId}: {reason.Message}");
        return WorkerExitCodes.ProtocolMismatch;
    }
}
