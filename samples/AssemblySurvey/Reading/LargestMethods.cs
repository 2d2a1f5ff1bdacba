using System.Reflection.Metadata;

namespace AssemblySurvey.Reading;

/// <summary>Keeps the largest methods of one assembly by handle, so that only those few need a readable name.</summary>
internal sealed class LargestMethods
{
    public const int Kept = 5;

    private readonly List<(int Size, MethodDefinitionHandle Handle)> found = new(Kept + 1);

    public void Add(MethodDefinitionHandle handle, int size)
    {
        if (found.Count == Kept && size <= found[^1].Size)
            return;
        // Equal sizes stay in the order of the table: the same file gives the same five on every run.
        int at = found.FindIndex(other => other.Size < size);
        found.Insert(at < 0 ? found.Count : at, (size, handle));
        if (found.Count > Kept)
            found.RemoveAt(Kept);
    }

    public MethodSize[] Named(MetadataReader reader, string assembly) =>
        [.. found.Select(method => new MethodSize(MethodNames.FullName(reader, method.Handle), assembly, method.Size))];

    /// <summary>The largest of several lists, in an order that does not depend on which worker answered first.</summary>
    public static MethodSize[] Merge(IEnumerable<MethodSize> methods) =>
        [.. methods
            .OrderByDescending(method => method.IlBytes)
            .ThenBy(method => method.Assembly, StringComparer.Ordinal)
            .ThenBy(method => method.Name, StringComparer.Ordinal)
            .Take(Kept)];
}
