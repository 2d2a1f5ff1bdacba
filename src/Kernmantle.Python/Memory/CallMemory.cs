using Kernmantle.Python.Sharing;
using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Python.Memory;

/// <summary>The memory of one call: of its arguments, and of what its result needs.</summary>
/// <param name="pool">Where it comes from, and goes back to.</param>
/// <param name="limitBytes">The most that a result may take.</param>
/// <param name="lends">Arguments may be put there, where the function can change them: not if the call may be tried again.</param>
/// <param name="isPython2">Its result comes from Python 2.</param>
internal sealed class CallMemory(MemoryPool pool, long limitBytes, bool lends = true, bool isPython2 = false) : IPythonBlocks, IPythonBlockSource
{
    /// <summary>More arrays than this travel with the call: each piece is a message that waits in the socket until the worker reads it.</summary>
    private const int MostPlaced = 64;

    /// <summary>A worker that asks for more pieces than this for one call is not ours.</summary>
    private const int MostPieces = 10_000;

    private readonly Lock gate = new();
    private readonly List<PythonMemory> pieces = [];
    private bool closed;
    private bool closedForGood;
    private int users;
    private long granted;
    private int placed;

    public long LimitBytes => limitBytes;

    public bool IsPython2 => isPython2;

    /// <summary>What the call names of the host's objects.</summary>
    public CallObjects Objects { get; } = new(areKnown: !isPython2);

    /// <summary>At this moment.</summary>
    public PythonMemory[] Pieces
    {
        get
        {
            lock (gate)
                return [.. pieces];
        }
    }

    /// <summary>How much of the arguments is here, and not in what travels with the call.</summary>
    public long PlacedBytes { get; private set; }

    public bool TryPlace(ReadOnlySpan<byte> bytes, out int blockId, out long offset)
    {
        (blockId, offset) = (0, 0);
        using Use use = Enter();
        if (use.IsOver || !lends || placed >= MostPlaced || TryAdd(bytes.Length) is not { } memory)
            return false;
        placed++;
        PlacedBytes += bytes.Length;
        bytes.CopyTo(memory.Bytes);
        blockId = memory.Id;
        return true;
    }

    /// <summary>Memory for answers; null if there is none to be had.</summary>
    public PythonMemory? Reserve(long bytes) => TryAdd(bytes);

    /// <summary>Memory that a worker asked for; null if it cannot have it.</summary>
    public PythonMemory? TryGrant(long bytes)
    {
        if (bytes <= 0 || bytes > limitBytes || (granted += bytes) > limitBytes * 4)
            return null;
        return TryAdd(bytes);
    }

    public ReadOnlySpan<byte> Get(int blockId, long offset, long length)
    {
        PythonMemory? memory = Find(blockId);
        if (memory is null || offset < 0 || length < 0 || offset > memory.Length - length)
            throw new InvalidPayloadException($"{length} bytes at {offset} of memory {blockId}, which this call does not have.");
        return memory.Bytes.Slice((int)offset, (int)length);
    }

    /// <summary>A worker goes on referring to a piece.</summary>
    public void Keep(int blockId)
    {
        if (Find(blockId) is { } memory)
            memory.IsKept = true;
    }

    /// <summary>
    /// The call has ended. <paramref name="again"/>: its worker has let go of the memory. Who is reading or writing it goes on: a call may be ended while its result is read, and
    /// memory that is unmapped meanwhile would end the program.
    /// </summary>
    public void Close(bool again)
    {
        lock (gate)
            (closed, closedForGood) = (true, closedForGood || !again);
        GiveBackUnused();
    }

    /// <summary>Before its memory is read or written: until the <see cref="Use"/> is disposed of, it is there, or the call has ended.</summary>
    public Use Enter()
    {
        lock (gate)
        {
            if (closed)
                return default;
            users++;
            return new(this);
        }
    }

    private void Leave()
    {
        lock (gate)
            users--;
        GiveBackUnused();
    }

    private void GiveBackUnused()
    {
        PythonMemory[] all;
        lock (gate)
        {
            if (!closed || users > 0)
                return;
            all = [.. pieces];
            pieces.Clear();
        }
        foreach (PythonMemory memory in all)
            pool.Return(memory, !closedForGood && !memory.IsKept);
    }

    /// <summary>Null if the call has no such memory.</summary>
    public SafeFileHandle? FileOf(int id) => Find(id)?.File;

    private PythonMemory? Find(int id)
    {
        lock (gate)
            return pieces.Find(m => m.Id == id);
    }

    private PythonMemory? TryAdd(long bytes)
    {
        if (pool.TryRent(bytes) is not { } memory)
            return null;
        lock (gate)
        {
            if (!closed && pieces.Count < MostPieces)
            {
                pieces.Add(memory);
                return memory;
            }
        }
        pool.Return(memory, again: true);
        return null;
    }

    /// <summary>For as long as it is not disposed of, the memory stays.</summary>
    public readonly ref struct Use(CallMemory? memory) : IDisposable
    {
        /// <summary>The call has ended: there is nothing to read any more, and nobody who would hear of it.</summary>
        public bool IsOver => memory is null;

        public void Dispose() => memory?.Leave();
    }
}
