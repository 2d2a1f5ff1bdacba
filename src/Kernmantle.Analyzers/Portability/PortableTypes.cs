using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>
/// The walk that the library does over a static type before anything is sent, over symbols: may every value of it cross whole? Where the code does
/// not tell (type parameters, private state of classes in other assemblies), the answer is yes: the exception says the rest.
/// </summary>
internal sealed class PortableTypes
{
    private readonly ConcurrentDictionary<ITypeSymbol, Refusal?> known = new(SymbolEqualityComparer.Default);
    private readonly KnownTypes types;
    private readonly Remedies remedies;
    private readonly Bits bits;
    private readonly PortableMembers members;
    private readonly INamedTypeSymbol enumerable;
    private readonly INamedTypeSymbol? token, progress, safeHandle, criticalHandle;

    public PortableTypes(Compilation compilation)
    {
        types = new(compilation);
        remedies = new(compilation);
        bits = new(compilation);
        members = new(remedies);
        enumerable = compilation.GetSpecialType(SpecialType.System_Collections_IEnumerable);
        token = compilation.GetTypeByMetadataName("System.Threading.CancellationToken");
        progress = compilation.GetTypeByMetadataName("System.IProgress`1");
        safeHandle = compilation.GetTypeByMetadataName("System.Runtime.InteropServices.SafeHandle");
        criticalHandle = compilation.GetTypeByMetadataName("System.Runtime.InteropServices.CriticalHandle");
    }

    /// <summary>Why values of the type cannot cross as an argument, a captured variable or a result; null if they can.</summary>
    public Refusal? Check(ITypeSymbol type)
    {
        if (SymbolEqualityComparer.Default.Equals(type, token))
            return null;
        if (types.IsSharedBuffer(type))
            return ((INamedTypeSymbol)type).TypeArguments[0] is var item && (item.TypeKind == TypeKind.TypeParameter || bits.MayRun(item)) ? null : CheckValue(type);
        if (types.IsSharedObject(type))
            return type.IsSealed ? null : CheckValue(type);
        if (types.IsShared(type))
            return null;
        return SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, progress) ? CheckValue(((INamedTypeSymbol)type).TypeArguments[0])?.Within("Report") : CheckValue(type);
    }

    /// <summary>A collection that crosses, with its default comparer.</summary>
    public bool IsCollection(ITypeSymbol type) => types.IsGeneric(type) && type.Implements(enumerable);

    private Refusal? CheckValue(ITypeSymbol type) => known.GetOrAdd(type, t => Walk(t, new(SymbolEqualityComparer.Default)));

    private Refusal? Walk(ITypeSymbol type, HashSet<ISymbol> under)
    {
        if (type.TypeKind is TypeKind.TypeParameter or TypeKind.Error || bits.IsPortable(type) || types.IsPlain(type) || IsOfFSharp(type))
            return null;
        if (!under.Add(type))
            return null;   // a type that contains itself is reported where the walk began
        Refusal? refusal = WalkInto(type, under);
        under.Remove(type);
        return refusal;
    }

    private Refusal? WalkInto(ITypeSymbol type, HashSet<ISymbol> under)
    {
        if (IsHandle(type))
            return new(type, type.SpecialType == SpecialType.None && type.TypeKind == TypeKind.Class ? Remedies.Handle : Remedies.Address, isHandle: true);
        if (type.IsRefLikeType)
            return new(type, "An address means something else in another process: pass the data.");
        if (type is IArrayTypeSymbol array)
            return array.Rank == 1 ? Walk(array.ElementType, under)?.Within("[]") : new(type, "Pass a one-dimensional array and its bounds.");
        if (types.IsShared(type))
            return new(type, "Inside of another value it cannot: pass it as an argument of its own, or capture it.");
        if (type is not INamedTypeSymbol named)
            return new(type, remedies.For(type));
        if (types.IsRun(type))
            return bits.MayRun(named.TypeArguments[0]) || named.TypeArguments[0].TypeKind == TypeKind.TypeParameter ? null : new(type, "Pass an array.");
        if (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return Walk(named.TypeArguments[0], under);
        if (named.IsAnonymousType)
            return First(named.GetMembers().OfType<IPropertySymbol>().Select(p => Walk(p.Type, under)?.Within(p.Name)));
        if (types.IsGeneric(type))
            return First(named.TypeArguments.Zip(PartsOf(named), (part, name) => Walk(part, under)?.Within(name)));
        if (type.IsPlatform() || type.TypeKind is TypeKind.Interface or TypeKind.Delegate or TypeKind.Dynamic || type.IsAbstract || type.Implements(enumerable))
            return new(type, remedies.For(type));
        return members.Check(named, member => Walk(member, under));
    }

    /// <summary>F#'s types are told by attributes of another library, and C# programs seldom name them: at run time the library knows them.</summary>
    private static bool IsOfFSharp(ITypeSymbol type) =>
        type.ContainingAssembly?.Name == "FSharp.Core" || type.GetAttributes().Any(static a => a.AttributeClass is { Name: "CompilationMappingAttribute", ContainingAssembly.Name: "FSharp.Core" });

    private bool IsHandle(ITypeSymbol type) =>
        bits.IsAddress(type) || safeHandle is not null && type.DerivesFrom(safeHandle) || criticalHandle is not null && type.DerivesFrom(criticalHandle);

    /// <summary>How the parts of a value that the generic arguments stand for are named.</summary>
    private IEnumerable<string> PartsOf(INamedTypeSymbol type) =>
        type.Implements(enumerable) ? type.Arity == 1 ? ["[]"] : ["Keys.[]", "[]"]
        : type.IsTupleType || type.Name == "Tuple" ? Enumerable.Range(1, type.Arity).Select(static n => n == 8 ? "Rest" : $"Item{n}")
        : ["Key", "Value"];

    private static Refusal? First(IEnumerable<Refusal?> refusals) => refusals.FirstOrDefault(static r => r is not null);
}
