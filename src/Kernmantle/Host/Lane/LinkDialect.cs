using Kernmantle.Functions;
using Kernmantle.Host.Launch;
using Kernmantle.Logging;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane;

/// <summary>
/// What is different where the worker is not this program but one of another language: the same frames, other bodies. One for each
/// connection. What comes from the worker is as little believed as ever.
/// </summary>
internal abstract class LinkDialect : IDisposable
{
    /// <summary>The process exists.</summary>
    public abstract void Connect(WorkerProcess process);

    public abstract void WriteHello(ref PayloadWriter writer, string name, int id);

    /// <summary>Returns the process id that the worker says it has.</summary>
    /// <exception cref="InvalidPayloadException">No worker writes this.</exception>
    public abstract int ReadReady(ref PayloadReader reader);

    /// <exception cref="InvalidPayloadException">No worker writes this.</exception>
    public abstract LogRecord ReadLog(ref PayloadReader reader);

    /// <summary>Before the call is sent: hands over the memory that it names.</summary>
    /// <exception cref="InsufficientMemoryException">It cannot be handed over.</exception>
    public abstract void Lend(Call call);

    /// <summary>Its calls can be part of a trace, and it sends spans.</summary>
    public virtual bool TakesTraces => false;

    /// <summary>After the worker's death: it had begun the call, and did not get to say so.</summary>
    public abstract bool HasBegun(Call call);

    /// <summary>The worker was told to cancel the call it runs: makes it look, by what interrupts a program in its language.</summary>
    public abstract void Interrupt();

    /// <summary>Makes it look once more, by what does nothing else.</summary>
    public abstract void InterruptAgain();

    /// <summary>Whether the worker has taken so many cancellations, as it says.</summary>
    public abstract bool HasTaken(long cancellations);

    /// <summary>What its threads are doing can be asked for.</summary>
    public virtual bool GivesStacks => false;

    /// <summary>What its threads are doing, or why that cannot be found out, within the budget. Does not throw.</summary>
    public virtual Task<string?> TakeStacksAsync(TimeSpan budget) => Task.FromResult<string?>(null);

    /// <summary>The failure of the call, or of the start if null.</summary>
    public abstract WorkerException FailureOf(RemoteFailure failure, Call? call);

    /// <summary>The worker wants, or keeps, memory.</summary>
    public abstract void OnMemory(FrameKind kind, Call call, ref PayloadReader reader);

    /// <summary>The worker has no use any more for what it was handed.</summary>
    public virtual void OnObjectDropped(ref PayloadReader reader) => throw new ProtocolViolationException("an object dropped that it was not handed");

    /// <summary>What the worker did that it may not, on a connection of the dialect's own; null if nothing. The dialect has killed it for that.</summary>
    public virtual string? Violation => null;

    /// <summary>Nothing of the worker runs any more: what it held of what is shared goes on without it. Before anybody is told of its end; does not throw.</summary>
    /// <param name="end">How; with exit code 0 it was asked to end, and did.</param>
    public virtual Task OnEndedAsync(ProcessEnd end) => Task.CompletedTask;

    /// <summary>The worker has ended, and is taken down.</summary>
    public abstract void Dispose();
}
