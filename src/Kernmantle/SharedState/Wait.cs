using System.Runtime.CompilerServices;
using Kernmantle.SharedBuffers;
using Microsoft.Extensions.Logging;

namespace Kernmantle.SharedState;

/// <summary>One that waits for another.</summary>
/// <param name="Sleeper">Who waits.</param>
/// <param name="Owner">Whom it waits for.</param>
internal abstract record Wait(long Sleeper, long Owner)
{
    /// <summary>The same at every look.</summary>
    public abstract (long Sleeper, char Kind, long What) Key { get; }

    /// <summary>Where to say it.</summary>
    public virtual ILogger? Log => null;

    /// <summary>For messages.</summary>
    public abstract string Describe();

    /// <summary>Has the one that waits give up, with a <see cref="DeadlockException"/>. False: it does not.</summary>
    public virtual bool TryRefuse() => false;
}

/// <summary>One that waits for a lock that another has.</summary>
/// <param name="Sleeper">Who waits.</param>
/// <param name="Owner">Who has it.</param>
/// <param name="Block">The memory of the lock.</param>
/// <param name="Page">What is known of that.</param>
internal sealed record LockWait(long Sleeper, long Owner, SharedBlock Block, StatePage Page) : Wait(Sleeper, Owner)
{
    public override (long Sleeper, char Kind, long What) Key => (Sleeper, 'l', Block.Id);

    public override ILogger? Log => Page.Log;

    public override string Describe() => $"{Party.Describe(Sleeper)} waits for {Page.Name}, which {Party.Describe(Owner)} has";

    public override unsafe bool TryRefuse()
    {
        if (!Page.BreaksDeadlocks || !Block.TryAddReference())
            return false;
        ref StateWords words = ref Unsafe.AsRef<StateWords>(Block.Start);
        SharedStores.Exchange(ref words.Refused, Sleeper);
        StatePage.Wake(ref words);
        Block.Release();
        return true;
    }
}

/// <summary>A thread that waits for the end of a call.</summary>
/// <param name="Sleeper">The caller.</param>
/// <param name="Owner">Who runs the call, or the one before it.</param>
/// <param name="Id">The call's.</param>
/// <param name="Name">The call's.</param>
internal sealed record CallWait(long Sleeper, long Owner, long Id, string Name) : Wait(Sleeper, Owner)
{
    public override (long Sleeper, char Kind, long What) Key => (Sleeper, 'c', Id);

    public override string Describe() => $"{Party.Describe(Sleeper)} waits for its call of {Name}, which {Party.Describe(Owner)} runs";
}
