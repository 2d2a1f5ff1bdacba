using Kernmantle.Functions;

namespace Kernmantle.Host.Lane;

/// <summary>The functions that a pool's workers have been called with, and those it was told of: new workers make them ready before they take calls. Thread-safe.</summary>
internal sealed class KnownFunctions
{
    /// <summary>The newest so many: what a worker makes ready keeps its calls waiting.</summary>
    public const int Most = 64;

    private readonly Lock gate = new();
    private readonly Action<Function>? learned;
    private readonly List<Function> functions = [];

    /// <param name="learned">Told of each that is new. May be called under locks of a worker: takes none, and returns at once.</param>
    public KnownFunctions(Action<Function>? learned = null) => this.learned = learned;

    /// <summary>Newest last.</summary>
    public Function[] All
    {
        get
        {
            lock (gate)
                return [.. functions];
        }
    }

    public void Add(Function function)
    {
        lock (gate)
        {
            bool isNew = !functions.Remove(function);
            functions.Add(function);
            if (functions.Count > Most)
                functions.RemoveAt(0);
            if (!isNew)
                return;
        }
        learned?.Invoke(function);
    }

    /// <summary>A worker died while it made the function ready: the next ones do not try.</summary>
    public void Remove(Function function)
    {
        lock (gate)
            functions.Remove(function);
    }
}
