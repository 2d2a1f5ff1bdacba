using System.Diagnostics;
using Kernmantle.Child.Objects;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>Runs calls on the main thread, one at a time. Whatever user code does, short of ending the process, ends only its own call.</summary>
internal sealed class CallRunner(IFrameTransport transport, WorkerIdentity worker, FunctionTable functions, InstanceTable instances, ObjectCalls objects, MainThread main)
{
    // Each call gets a fresh copy: what one leaves in AsyncLocals or as culture, the next does not see.
    private readonly ExecutionContext? clean = ExecutionContext.Capture();

    public void Run(IncomingCall call)
    {
        using (call)
        {
            if (call.Links.Token.IsCancellationRequested)
                call.Links.EndCancelled();
            else
                RunBegun(call);
        }
    }

    /// <summary>Runs user code on the calling thread as part of this worker; what it throws, arrives.</summary>
    public void InContext(CallLinks links, int attempt, Action action)
    {
        void Enter(object? _)
        {
            WorkerContext.Current = new WorkerContext(worker.Name, worker.Id, attempt, worker.Logger, links.Token);
            action();
        }

        if (clean is null)
            Enter(null);
        else
            ExecutionContext.Run(clean, Enter, null);
    }

    private void RunBegun(IncomingCall call)
    {
        CallLinks links = call.Links;
        transport.ResetClock();   // before the begin, which the host waits for to look at it
        links.Send(FrameKind.Begun, [Debugger.IsAttached ? Protocol.DebuggerAttached : (byte)0]);
        Blocking.Wait(transport.FlushAsync());   // sent before any user code runs: looking up a function can run its static initializers
        try
        {
            if (call.ReleasesInstance)
                Release(call);
            else
                Call(call);
        }
        catch (OperationCanceledException) when (links.IsCancelled)
        {
            links.EndCancelled();
        }
        catch (Exception e)
        {
            links.EndFailed(e);
        }
    }

    private void Release(IncomingCall call)
    {
        long instance = new PayloadReader(call.Body).ReadInt64();
        call.Links.StartClock();
        try
        {
            InContext(call.Links, 1, () => instances.Release(instance));
        }
        finally
        {
            call.Links.StopClock();
        }
        call.Links.End(FrameKind.Result, []);
    }

    private void Call(IncomingCall call)
    {
        var reader = new PayloadReader(call.Body);
        CallHeader header = CallHeader.Read(ref reader);
        int payload = call.Body.Length - reader.Remaining;
        InContext(call.Links, header.Attempt, () =>
        {
            call.Trace?.Enter();
            Call(call, header, payload);
        });
    }

    private void Call(IncomingCall call, CallHeader header, int payload)
    {
        CallLinks links = call.Links;
        (FunctionShape shape, PreparedCall prepared) = Prepare(call, header, payload);
        objects.Own!.Running = header.InstanceId;
        links.StartClock();
        try
        {
            if (shape.Kind != ReturnKind.Value)
                main.Attend();
            if (shape.Kind == ReturnKind.Stream)
                new StreamRunner(links, prepared, worker, main).Run();
            else
                prepared.Invoke(main, links.Token);
        }
        finally
        {
            main.Wait(objects.EndAsync());
            links.StopClock();
            main.Leave();
        }
        using var body = new PooledBuffer(worker.MaxPayload, "The result");
        if (shape.ResultIsInstance)
            instances.Add(links.Id, prepared.Instance);
        else if (!shape.IsVoid && shape.Kind != ReturnKind.Stream)   // a stream has sent its items
            body.EncodeResult(prepared);
        links.End(FrameKind.Result, body.Written);
    }

    /// <summary>Finds the function and decodes its arguments, which gives back the memory they came in.</summary>
    private (FunctionShape Shape, PreparedCall Call) Prepare(IncomingCall call, CallHeader header, int payload)
    {
        try
        {
            WorkerFunction function = functions.Get(header.FunctionId);
            var reader = new PayloadReader(call.Body[payload..], call.Links, call.Lent);
            PreparedCall prepared = function.Prepare(ref reader, instances.Get, header.InstanceId);
            call.GiveBackBody();
            return (function.Shape, prepared);
        }
        catch (WorkerException e) when (e is FunctionUnavailableException or NotPortableException)
        {
            throw new CallRefusal(e);
        }
    }
}
