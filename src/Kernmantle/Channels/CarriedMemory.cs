using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;

namespace Kernmantle.Channels;

/// <summary>
/// The memory that items of one channel carry, as one process has it. Where the channel was made all of it is there; a worker asks its host for what it does not have, or does not have for itself. Thread-safe.
/// </summary>
/// <param name="channel">The memory of the channel.</param>
/// <param name="seat">This process's in it.</param>
internal sealed class CarriedMemory(StateMemory channel, int seat)
{
    /// <summary>The host answers at once, unless code of the program's holds it up (a logger, a progress sink), or the machine does.</summary>
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(30);

    public int Seat => seat;

    /// <summary>This is a worker.</summary>
    public bool IsHosts => channel.Block.IsHosts;

    /// <summary>The item of that position of this process's ring, which is about to be one, carries that memory.</summary>
    public void Load(long position, IReadOnlyList<SharedBlock> memory)
    {
        if (channel.Block.Content is IItemMemory items)
            items.Load(channel.Block, channel.Party, seat, position, memory, held: null);
        else
            channel.Block.Host!.Load(channel.Block, seat, position, memory);
    }

    /// <summary>That item is done, or is none.</summary>
    public void Unload(int ring, long position)
    {
        if (channel.Block.Content is IItemMemory items)
            items.Unload(channel.Block, channel.Party, ring, position);
        else
            channel.Block.Host!.Unload(channel.Block, ring, position);
    }

    /// <summary>What an item names; null if something of it is not there. Blocks for as long as the host takes to answer.</summary>
    /// <exception cref="TimeoutException">It does not.</exception>
    /// <exception cref="InsufficientMemoryException">This worker holds as much as it may.</exception>
    public TakenMemory? Take(BlockName[] names)
    {
        var taken = new TakenMemory();
        try
        {
            foreach (BlockName name in names)
            {
                if ((Find(name) ?? Ask(name)) is not { } block)
                    return null;
                taken.Add(name, block);
            }
            (TakenMemory all, taken) = (taken, new());
            return all;
        }
        finally
        {
            taken.Dispose();
        }
    }

    /// <summary>The same without blocking.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async ValueTask<TakenMemory?> TakeAsync(BlockName[] names, CancellationToken cancellationToken)
    {
        var taken = new TakenMemory();
        try
        {
            foreach (BlockName name in names)
            {
                if ((Find(name) ?? await AskAsync(name, cancellationToken).ConfigureAwait(false)) is not { } block)
                    return null;
                taken.Add(name, block);
            }
            (TakenMemory all, taken) = (taken, new());
            return all;
        }
        finally
        {
            taken.Dispose();
        }
    }

    private SharedBlock? Find(BlockName name) => IsHosts ? channel.Block.Host!.TryTake(name) : SharedBlocks.Find(name);

    private SharedBlock? Ask(BlockName name)
    {
        if (!IsHosts)
            return null;
        Task<BlockUse?> asked = channel.Block.Host!.AskAsync(name);
        if (Task.WaitAny([asked], AnswerBound) >= 0)
            return Receive(name, asked.GetAwaiter().GetResult());
        Abandon(name, asked);
        throw NoAnswer();
    }

    private async ValueTask<SharedBlock?> AskAsync(BlockName name, CancellationToken cancellationToken)
    {
        if (!IsHosts)
            return null;
        Task<BlockUse?> asked = channel.Block.Host!.AskAsync(name);
        try
        {
            return Receive(name, await asked.WaitAsync(AnswerBound, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Abandon(name, asked);
            throw e is TimeoutException ? NoAnswer() : e;
        }
    }

    private SharedBlock? Receive(BlockName name, BlockUse? use) => use is null ? null : channel.Block.Host!.Receive(name, use);

    /// <summary>What comes all the same goes back.</summary>
    private void Abandon(BlockName name, Task<BlockUse?> asked) =>
        _ = asked.ContinueWith(late => Receive(name, late.Result)?.Release(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private static TimeoutException NoAnswer() => new($"The host did not say within {AnswerBound} whose the memory is that an item of a channel names. The item is there again.");
}
