using System.Collections;

namespace Kernmantle.Payloads.Objects;

/// <summary>The objects met so far on one walk. For one thread.</summary>
internal sealed class GuardVisit
{
    /// <summary>What a walk may leave behind for the next: more would be memory that nobody needs.</summary>
    private const int KeptObjects = 256;

    /// <summary>Of the walk before, for the next on this thread: most values hold a few objects, and a new table costs more than they do.</summary>
    [ThreadStatic]
    private static GuardVisit? kept;

    /// <summary>Each with whether the walk is inside it.</summary>
    private readonly Dictionary<object, bool> met = new(ReferenceEqualityComparer.Instance);

    /// <summary>Of sequences that may give their items once only, or others the next time.</summary>
    private Dictionary<object, object?[]>? copies;

    private bool isShared;

    /// <summary>Taken, so that a walk within a walk, or after one that failed, has one of its own.</summary>
    public static GuardVisit Begin()
    {
        GuardVisit visit = kept ?? new();
        kept = null;
        return visit;
    }

    /// <summary>Whether an object was reached twice. The walk has ended.</summary>
    public bool End(out IReadOnlyDictionary<object, object?[]>? copied)
    {
        bool wasShared = isShared;
        copied = copies;
        isShared = false;
        copies = null;
        if (met.Count <= KeptObjects)
        {
            met.Clear();   // nothing is held on to
            kept = this;
        }
        return wasShared;
    }

    /// <summary>The items of a sequence, which is enumerated here and never again: what is looked at is what crosses.</summary>
    public object?[] Copy(IEnumerable sequence)
    {
        object?[] copy = [.. sequence.Cast<object?>()];
        (copies ??= new(ReferenceEqualityComparer.Instance)).Add(sequence, copy);
        return copy;
    }

    /// <summary>False if the object was met before; then also whether the walk came from it.</summary>
    public bool Enter(object value, out bool isCycle)
    {
        if (!met.TryGetValue(value, out isCycle))
        {
            met.Add(value, true);
            return true;
        }
        isShared = true;
        return false;
    }

    public void Leave(object value) => met[value] = false;
}
