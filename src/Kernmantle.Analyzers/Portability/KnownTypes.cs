using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>Types that cross as what they are, and links to what both sides use. The library decides the same at run time, by a list of its own; a test compares the two.</summary>
internal sealed class KnownTypes(Compilation compilation)
{
    private readonly HashSet<ISymbol> plain = Find(compilation, "System.String", "System.Uri", "System.Version", "System.Numerics.BigInteger");

    private readonly HashSet<ISymbol> generic = Find(
        compilation,
        [
            .. Enumerable.Range(1, 8).Select(static n => $"System.ValueTuple`{n}"), .. Enumerable.Range(1, 8).Select(static n => $"System.Tuple`{n}"),
            .. Generics("List`1", "Dictionary`2", "HashSet`1", "SortedDictionary`2", "SortedSet`1", "KeyValuePair`2"),
            .. Generics("IEnumerable`1", "IReadOnlyCollection`1", "IReadOnlyList`1", "ICollection`1", "IList`1", "IReadOnlyDictionary`2", "IDictionary`2"),
            .. new[] { "Array`1", "List`1", "Dictionary`2", "HashSet`1", "SortedDictionary`2", "SortedSet`1", "Queue`1" }.Select(static n => $"System.Collections.Immutable.Immutable{n}"),
        ]);

    private readonly HashSet<ISymbol> runs = Find(compilation, "System.Memory`1", "System.ReadOnlyMemory`1", "System.ArraySegment`1");

    private readonly HashSet<ISymbol> channelSides = Find(compilation, "System.Threading.Channels.ChannelReader`1", "System.Threading.Channels.ChannelWriter`1", "Kernmantle.WorkerChannelReader`1", "Kernmantle.WorkerChannelWriter`1");

    private readonly HashSet<ISymbol> links = Find(compilation, "Kernmantle.Remote`1", "Kernmantle.SharedDictionary`2", "Kernmantle.SharedList`1", "Kernmantle.Functions.Capturing.HeldFunction`1");

    private readonly INamedTypeSymbol? sharedBuffer = compilation.GetTypeByMetadataName("Kernmantle.SharedBuffer`1");

    private readonly INamedTypeSymbol? sharedObject = compilation.GetTypeByMetadataName("Kernmantle.SharedObject");

    public bool IsPlain(ITypeSymbol type) => plain.Contains(type);

    public bool IsGeneric(ITypeSymbol type) => generic.Contains(type.OriginalDefinition);

    /// <summary>Whether the type is a view of an array.</summary>
    public bool IsRun(ITypeSymbol type) => runs.Contains(type.OriginalDefinition);

    public bool IsSharedBuffer(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, sharedBuffer);

    public bool IsChannelSide(ITypeSymbol type) => channelSides.Contains(type.OriginalDefinition);

    /// <summary>Memory that both sides use, and objects that both may call: they cross by themselves, and in nothing else.</summary>
    public bool IsShared(ITypeSymbol type) => IsSharedBuffer(type) || IsChannelSide(type) || links.Contains(type.OriginalDefinition) || IsSharedObject(type);

    /// <summary>What arrives is known by its type, so that a base will not do.</summary>
    public bool IsSharedObject(ITypeSymbol type) => sharedObject is not null && type.DerivesFrom(sharedObject);

    private static IEnumerable<string> Generics(params string[] names) => names.Select(static n => $"System.Collections.Generic.{n}");

    private static HashSet<ISymbol> Find(Compilation compilation, params string[] names) =>
        new(names.Select(compilation.GetTypeByMetadataName).OfType<ISymbol>(), SymbolEqualityComparer.Default);
}
