using System.Collections;
using System.Globalization;

namespace Kernmantle.Logging;

/// <summary>
/// The log scope of every record that comes from a worker: tells which. Immutable and thread-safe. As a list it holds the
/// properties by name, which is how log providers read scopes.
/// </summary>
internal sealed class WorkerScope : IReadOnlyList<KeyValuePair<string, object?>>
{
    public WorkerScope(string workerName, int processId, int threadId)
    {
        WorkerName = workerName;
        ProcessId = processId;
        ThreadId = threadId;
    }

    /// <summary>The name of the worker.</summary>
    public string WorkerName { get; }

    /// <summary>The id of the process that wrote the record.</summary>
    public int ProcessId { get; }

    /// <summary>The operating system's id of the thread that wrote the record; 0 for output not written through .NET.</summary>
    public int ThreadId { get; }

    /// <inheritdoc/>
    public int Count => 3;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new(nameof(WorkerName), WorkerName),
        1 => new(nameof(ProcessId), ProcessId),
        2 => new(nameof(ThreadId), ThreadId),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>For example <c>worker First, pid 123, tid 456</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"worker {WorkerName}, pid {ProcessId}, tid {ThreadId}");
}
