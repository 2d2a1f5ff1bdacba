using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>Types whose values are their bits and nothing else: no references, no addresses, no handles.</summary>
internal sealed class Bits(Compilation compilation)
{
    /// <summary>Structs that hold an address. The platform's reference assemblies do not show what is in them.</summary>
    private readonly HashSet<ISymbol> addresses = new(
        new[]
        {
            "System.RuntimeTypeHandle", "System.RuntimeMethodHandle", "System.RuntimeFieldHandle", "System.ModuleHandle", "System.Runtime.InteropServices.GCHandle", "System.Runtime.InteropServices.GCHandle`1",
            "System.Runtime.InteropServices.HandleRef", "System.Runtime.InteropServices.WeakGCHandle`1", "System.Runtime.InteropServices.PinnedGCHandle`1", "System.Runtime.DependentHandle", "System.Buffers.MemoryHandle",
            "System.ArgIterator", "System.Runtime.InteropServices.ArrayWithOffset", "System.Runtime.InteropServices.CLong", "System.Runtime.InteropServices.CULong",
            "System.Runtime.InteropServices.Swift.SwiftSelf", "System.Runtime.InteropServices.Swift.SwiftError", "System.Runtime.InteropServices.Swift.SwiftIndirectResult",
            "System.Runtime.InteropServices.Marshalling.ComVariant", "System.Runtime.InteropServices.Marshalling.ComVariantMarshaller+RefPropagate", "System.Runtime.InteropServices.Marshalling.VirtualMethodTableInfo",
            "System.Diagnostics.Tracing.EventSource+EventSourcePrimitive", "System.Reflection.Metadata.BlobReader",
            "System.Reflection.Metadata.ImportDefinitionCollection", "System.Reflection.Metadata.ImportDefinitionCollection+Enumerator",
            "System.Reflection.Metadata.SequencePointCollection", "System.Reflection.Metadata.SequencePointCollection+Enumerator",
        }.Select(compilation.GetTypeByMetadataName).OfType<ISymbol>(),
        SymbolEqualityComparer.Default);

    /// <summary>Structs that hold references, which the platform's reference assemblies do not show either.</summary>
    private readonly HashSet<ISymbol> references = new(
        new[]
        {
            "System.Diagnostics.ActivityChangedEventArgs", "System.Diagnostics.ActivityContext", "System.Diagnostics.ActivityEvent", "System.Diagnostics.ActivityLink",
            "System.Diagnostics.ActivityTagsCollection+Enumerator", "System.Diagnostics.TagList", "System.Diagnostics.TagList+Enumerator",
        }.Select(compilation.GetTypeByMetadataName).OfType<ISymbol>(),
        SymbolEqualityComparer.Default);

    private readonly INamedTypeSymbol? token = compilation.GetTypeByMetadataName("System.Threading.CancellationToken");

    /// <summary>Whether the type is an address or a handle.</summary>
    public bool IsAddress(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr
        || type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer
        || addresses.Contains(type.OriginalDefinition);

    public bool IsPortable(ITypeSymbol type)
    {
        if (!type.IsValueType || type.IsRefLikeType || type.TypeKind == TypeKind.TypeParameter || type.SpecialType == SpecialType.System_Void || IsAddress(type) || SymbolEqualityComparer.Default.Equals(type, token) || references.Contains(type))
            return false;
        if (type.TypeKind == TypeKind.Enum || type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_Double)
            return true;
        return type.TypeKind == TypeKind.Struct && type.GetMembers().OfType<IFieldSymbol>().All(f => f.IsStatic || !IsAddress(f.Type) && IsPortable(f.Type));
    }

    /// <summary>Whether arrays of the type are runs of bits.</summary>
    public bool MayRun(ITypeSymbol type) => IsPortable(type) && type.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T;
}
