using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling.Joining;

/// <summary>What calls that joined have in common, whatever parts they are split into. They are added under the pool's lock, before any has gone to a worker; one at a time answers each.</summary>
internal sealed class Members<TResult>
{
    private const int FewestAtFirst = 4;

    private byte[] bytes = new byte[64];
    private int used;
    private int count;
    private Outcome?[]? failures;

    /// <summary>The callers'; null for those that have been told.</summary>
    public Task<TResult>[] Tasks { get; private set; } = new Task<TResult>[FewestAtFirst];

    public TResult[] Results { get; private set; } = new TResult[FewestAtFirst];

    /// <summary>Of those that failed. Null: none has.</summary>
    public Outcome?[]? Failures => Volatile.Read(ref failures);

    /// <summary>The calls that they were, of those with a token, which is registered with them. Null: none has one.</summary>
    public QuickCall?[]? Handles { get; private set; }

    /// <summary>What they are split into. Guarded by the pool's lock.</summary>
    public List<JoinedCalls<TResult>> Parts { get; } = new(1);

    /// <summary>What each carries, behind its length.</summary>
    public ReadOnlyMemory<byte> Payload => bytes.AsMemory(0, used);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(Task<TResult> task, ReadOnlySpan<byte> payload, QuickCall? handle)
    {
        if (count == Tasks.Length)
            Grow();
        if (used + sizeof(int) + payload.Length > bytes.Length)
            Array.Resize(ref bytes, Math.Max(2 * bytes.Length, used + sizeof(int) + payload.Length));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(used), payload.Length);
        payload.CopyTo(bytes.AsSpan(used + sizeof(int)));
        used += sizeof(int) + payload.Length;
        if (handle is not null)
            (Handles ??= new QuickCall?[Tasks.Length])[count] = handle;
        Tasks[count++] = task;
    }

    public ReadOnlyMemory<byte> PayloadOf(int from, int count)
    {
        int start = MapEncoding.After(bytes, 0, from);
        return bytes.AsMemory(start, MapEncoding.After(bytes, start, count) - start);
    }

    public void Fail(int number, Outcome outcome)
    {
        Outcome?[] all = Failures ?? Interlocked.CompareExchange(ref failures, new Outcome?[count], null) ?? failures!;
        all[number] = outcome;
    }

    private void Grow()
    {
        Task<TResult>[] tasks = Tasks;
        TResult[] results = Results;
        Array.Resize(ref tasks, 2 * count);
        Array.Resize(ref results, 2 * count);
        (Tasks, Results) = (tasks, results);
        if (Handles is not { } handles)
            return;
        Array.Resize(ref handles, 2 * count);
        Handles = handles;
    }
}
