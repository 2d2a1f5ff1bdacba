using Kernmantle.Python.Values;
using Kernmantle.SharedState;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>
/// What threads synchronise by. The host acts for the worker: in the object's page stand the number of the worker and that of its own thread or task, so that all others see the worker there, and what
/// it has is cleared up after its death.
/// </summary>
/// <param name="target">It.</param>
/// <param name="kind">What the agent makes of it.</param>
internal abstract class StateObject<T>(T target, string kind) : HostObject(target, kind)
    where T : SharedObject, ISharedObject<T>
{
    public override void OnHanded(ObjectLink link) => link.Keep(target);

    public sealed override void Begin(Ask ask, ref PythonReader arguments)
    {
        if (ask.Actor == 0)
            throw new ProtocolViolationException("nobody's operation with what threads synchronise by");
        Begin(ask, T.Open(target.Memory.ActFor(ask.Link.WorkerId, ask.Actor)), ref arguments);
    }

    /// <inheritdoc cref="HostObject.Begin"/>
    /// <param name="ask">Who asks for what.</param>
    /// <param name="mine">The object, as the worker has it.</param>
    /// <param name="arguments">A tuple.</param>
    protected abstract void Begin(Ask ask, T mine, ref PythonReader arguments);

    protected ProtocolViolationException Unknown(Ask ask) => new($"operation {ask.Operation} with a {Kind}");

    /// <summary>An operation that brings nothing, and waits for nothing.</summary>
    protected static void Do(Ask ask, Action operation, ref PythonReader arguments)
    {
        ReadArguments.None(ref arguments);
        operation();
        ask.Done();
    }

    /// <summary>Waits, without a thread, for as long as is asked.</summary>
    /// <param name="ask">Who asks.</param>
    /// <param name="wait">Waits so long for it; false: it was not there in time.</param>
    /// <param name="done">It was there.</param>
    protected static void Wait(Ask ask, Func<TimeSpan, CancellationToken, Task<bool>> wait, Action done) => ask.Link.Act(async () =>
    {
        CancellationToken token = ask.MayWait ? ask.Token : CancellationToken.None;
        try
        {
            if (await wait(ask.MayWait ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, token).ConfigureAwait(false))
                done();
            else
                ask.GivenUp();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            ask.GivenUp();
        }
        catch (Exception e)   // of the object: told to who asked
        {
            ask.Failed(e);
        }
    });

    /// <summary>The same for what brings nothing, and is not asked for in any particular way.</summary>
    protected static void Wait(Ask ask, Func<TimeSpan, CancellationToken, Task<bool>> wait, ref PythonReader arguments)
    {
        ReadArguments.None(ref arguments);
        Wait(ask, wait, () => ask.Done(true));
    }
}
