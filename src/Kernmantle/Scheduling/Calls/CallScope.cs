using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>The host's side of what crosses as a link: the tokens and progress sinks of one call, and the objects it hands over.</summary>
/// <param name="lending">What crosses by reference.</param>
internal sealed class CallScope(Lending lending = Lending.Nothing) : IPayloadScope, IBufferScope
{
    /// <summary>A call with more links than this is not one that a person wrote.</summary>
    private const int MaxLinks = 10_000;

    private readonly List<CancellationToken> tokens = [];
    private readonly List<ISink> sinks = [];
    private readonly List<SharedBlock> blocks = [];
    private readonly List<IRemoteObject> remotes = [];
    private readonly Lock gate = new();
    private CancellationTokenRegistration[] registrations = [];

    public bool IsEmpty => tokens.Count == 0 && sinks.Count == 0 && blocks.Count == 0 && remotes.Count == 0;

    /// <summary>The memory that the call holds.</summary>
    public IReadOnlyList<SharedBlock> Blocks => blocks;

    /// <summary>The objects whose <see cref="Remote{T}"/> it carries.</summary>
    public IReadOnlyList<IRemoteObject> Remotes => remotes;

    public bool AnyTokenCancelled => tokens.Exists(static t => t.IsCancellationRequested);

    public int AddToken(CancellationToken token) => Add(tokens, token);

    public int AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => Add(sinks, new Sink<TReport>(progress, codec));

    public long AddRemote(IRemoteObject remote)
    {
        if (lending != Lending.Lasting && remote.StaysHere is { } reason)
            throw new NotPortableException("A Remote", reason);
        Add(remotes, remote);
        return remote.Id;
    }

    // The same scope serves as the worker's side where the call runs in this process (Inline): the links are the things themselves.
    public CancellationToken GetToken(int index) => tokens[index];

    public IProgress<TReport> GetProgress<TReport>(int index, Codec<TReport> codec) => ((Sink<TReport>)sinks[index]).Progress;

    public IRemoteObject GetRemote(long id) => remotes.Find(r => r.Id == id) ?? throw new InvalidPayloadException($"An object {id}, which the call was not given.");

    public bool TryLend(SharedBlock block)
    {
        if (block.IsHosts || lending == Lending.Nothing || (lending == Lending.Lasting && block.Content is null))
            return false;
        block.AddReferenceIfAlive();
        blocks.Add(block);
        return true;
    }

    SharedBlock IBufferScope.Take(BlockName name)
    {
        SharedBlock block = blocks.Find(b => b.Id == name.Id) ?? throw new InvalidPayloadException($"Memory {name.Id}, which the call was not given.");
        block.AddReference();
        return block;
    }

    void IBufferScope.Opened(ISharedBuffer buffer)
    {
        // Copied ones belong to who got them.
    }

    /// <summary>The call has ended for good.</summary>
    public void Close()
    {
        Unwatch();
        SharedBlock[] held;
        lock (gate)
        {
            held = [.. blocks];
            blocks.Clear();
        }
        foreach (SharedBlock block in held)
            block.Release();
    }

    /// <summary>Calls back with the index of each token that is, or becomes, cancelled. Replaces an earlier watch.</summary>
    public void Watch(Action<int> onCancelled)
    {
        Unwatch();
        var watched = new CancellationTokenRegistration[tokens.Count];
        for (int i = 0; i < watched.Length; i++)
        {
            int index = i;
            watched[i] = tokens[i].UnsafeRegister(_ => onCancelled(index), null);
        }
        lock (gate)
            registrations = watched;
    }

    public void Unwatch()
    {
        CancellationTokenRegistration[] old;
        lock (gate)
            (old, registrations) = (registrations, []);
        foreach (CancellationTokenRegistration registration in old)
            registration.Unregister();
    }

    /// <summary>
    /// Hands a worker's report to its sink, on the calling thread: in order, and before the call's end. Returns what the sink
    /// threw, if it did.
    /// </summary>
    /// <exception cref="InvalidPayloadException">There is no such sink, or the bytes are no report.</exception>
    public Exception? Report(int index, ref PayloadReader reader)
    {
        if ((uint)index >= (uint)sinks.Count)
            throw new InvalidPayloadException($"A report to sink {index} of {sinks.Count}.");
        return sinks[index].Report(ref reader);
    }

    private static int Add<T>(List<T> list, T item)
    {
        if (list.Count >= MaxLinks)
            throw new NotPortableException("A call with over 10000 tokens, progress sinks or objects", "Pass fewer.");
        list.Add(item);
        return list.Count - 1;
    }

    private interface ISink
    {
        Exception? Report(ref PayloadReader reader);
    }

    private sealed class Sink<TReport>(IProgress<TReport> progress, Codec<TReport> codec) : ISink
    {
        public IProgress<TReport> Progress => progress;

        public Exception? Report(ref PayloadReader reader)
        {
            TReport report = codec.Read(ref reader);
            try
            {
                progress.Report(report);
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
        }
    }
}

/// <summary>What of shared memory crosses by reference.</summary>
internal enum Lending
{
    /// <summary>There is no way: buffers are copied, objects are refused.</summary>
    Nothing,

    /// <summary>Shared objects, and those of every <see cref="Remote{T}"/>: the call runs in this process, on what was decoded again. Buffers are copied as a worker's would be.</summary>
    Lasting,

    /// <summary>All of it.</summary>
    All,
}
