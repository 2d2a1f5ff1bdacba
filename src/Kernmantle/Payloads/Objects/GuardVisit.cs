namespace Kernmantle.Payloads;

/// <summary>The objects met so far on one walk.</summary>
internal sealed class GuardVisit
{
    /// <summary>Each with whether the walk is inside it.</summary>
    private readonly Dictionary<object, bool> met = new(ReferenceEqualityComparer.Instance);

    public bool Shared { get; private set; }

    /// <summary>False if the object was met before; then also whether the walk came from it.</summary>
    public bool Enter(object value, out bool isCycle)
    {
        if (!met.TryGetValue(value, out isCycle))
        {
            met.Add(value, true);
            return true;
        }
        Shared = true;
        return false;
    }

    public void Leave(object value) => met[value] = false;
}
