using Kernmantle.Functions;
using Kernmantle.Wire;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>Finds a function by the description that the host gave of it.</summary>
internal delegate WorkerFunction FunctionResolver(ReadOnlySpan<byte> descriptor);

/// <summary>
/// The functions the host has named. Each is looked up at its first call, on the main thread, so that one whose code is missing fails
/// its own calls only. Thread-safe to register.
/// </summary>
internal sealed class FunctionTable(FunctionResolver resolve, ILogger logger)
{
    private readonly Dictionary<int, Entry> entries = [];
    private readonly Lock gate = new();

    public void Register(int id, ReadOnlySpan<byte> descriptor)
    {
        var entry = new Entry(id, descriptor.ToArray());
        lock (gate)
            entries.TryAdd(id, entry);   // one that is known may be ready
    }

    /// <summary>Main thread only.</summary>
    /// <exception cref="FunctionUnavailableException">Its code is not there. Tried again at the next call.</exception>
    public WorkerFunction Get(int id) => Get(Find(id));

    /// <exception cref="ProtocolViolationException">It was not registered.</exception>
    public Entry Find(int id)
    {
        Entry? entry;
        lock (gate)
            entries.TryGetValue(id, out entry);
        return entry ?? throw new ProtocolViolationException($"A call of function {id}, which was not registered.");
    }

    /// <summary>Main thread only.</summary>
    /// <exception cref="FunctionUnavailableException">Its code is not there. Tried again at the next call.</exception>
    public WorkerFunction Get(Entry entry) => entry.Function ??= resolve(entry.Descriptor);

    /// <summary>Makes it ready. Main thread only. Runs no code of the program's; a function that is not there fails at its first call, and says so there.</summary>
    /// <returns>A call to be rehearsed; null where there is none.</returns>
    public PreparedCall? Warm(int id)
    {
        try
        {
            WorkerFunction function = Get(id);
            function.Warm();
            return function.StandIn();
        }
        catch (Exception e) when (e is not ProtocolViolationException)
        {
            Logging.Events.ChildEvents.NotMadeReady(logger, e, id);
            return null;
        }
    }

    public WorkerFunction Resolve(ReadOnlySpan<byte> descriptor) => resolve(descriptor);

    internal sealed class Entry(int id, byte[] descriptor)
    {
        public int Id => id;

        /// <summary>It has not been called yet.</summary>
        public bool IsNew { get; set; } = true;

        public byte[] Descriptor => descriptor;

        public WorkerFunction? Function { get; set; }
    }
}
