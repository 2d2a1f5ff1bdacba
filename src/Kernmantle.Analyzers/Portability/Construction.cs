using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

/// <summary>How an object is made anew on the other side: which constructor is called, and which members are written.</summary>
internal sealed class Construction
{
    private Construction(IReadOnlyList<IParameterSymbol> parameters, HashSet<string> members) => (Parameters, Members) = (parameters, members);

    public IReadOnlyList<IParameterSymbol> Parameters { get; }

    /// <summary>The names of the members that are read.</summary>
    public HashSet<string> Members { get; }

    public bool Takes(string member) => Parameters.Any(p => string.Equals(p.Name, member, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null if there is no constructor for it.</summary>
    public static Construction? Of(INamedTypeSymbol type)
    {
        List<ISymbol> members = MembersOf(type);
        IMethodSymbol[] candidates = [.. type.InstanceConstructors.Where(c => IsCandidate(type, c))];
        if (candidates.Length == 0 && !type.IsValueType)
            return null;
        // Of several the one that takes the most of what cannot be set afterwards, and of these the shortest.
        IMethodSymbol? chosen = candidates
            .OrderByDescending(c => c.Parameters.Count(p => members.Any(m => IsReadOnly(m) && Matches(p, m))))
            .ThenBy(static c => c.Parameters.Length)
            .FirstOrDefault();
        return new(chosen is null ? [] : chosen.Parameters, new(members.Where(static m => m is not IPropertySymbol { GetMethod: not { DeclaredAccessibility: Accessibility.Public } }).Select(static m => m.Name), StringComparer.Ordinal));
    }

    private static bool IsCandidate(INamedTypeSymbol type, IMethodSymbol constructor) =>
        constructor.DeclaredAccessibility == Accessibility.Public
        && !(constructor.IsImplicitlyDeclared && type.IsValueType)
        && !constructor.Parameters.Any(static p => p.RefKind == RefKind.Out || p.Type.IsRefLikeType || p.Type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
        && !(type.IsRecord && constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type));

    private static List<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        List<ISymbol> members = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (INamedTypeSymbol? declaring = type; declaring is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) }; declaring = declaring.BaseType)
        {
            foreach (ISymbol member in declaring.GetMembers())
            {
                bool isMember = member switch
                {
                    IPropertySymbol property => !property.IsIndexer && property.ExplicitInterfaceImplementations.IsEmpty,
                    IFieldSymbol field => field.AssociatedSymbol is null,
                    _ => false,
                };
                if (isMember && !member.IsStatic && seen.Add(member.Name) && IsVisible(member) && !IsIgnored(member))
                    members.Add(member);
            }
        }
        return members;
    }

    private static bool IsVisible(ISymbol member) => member switch
    {
        IPropertySymbol property => property.GetMethod is { DeclaredAccessibility: Accessibility.Public } || property.SetMethod is { DeclaredAccessibility: Accessibility.Public },
        _ => member.DeclaredAccessibility == Accessibility.Public,
    };

    /// <summary>By the attribute of the serializer.</summary>
    private static bool IsIgnored(ISymbol member) => member.GetAttributes()
        .Any(static a => a.AttributeClass is { Name: "PropertyShapeAttribute", ContainingNamespace.Name: "PolyType" } && a.NamedArguments.Any(static n => n is { Key: "Ignore", Value.Value: true }));

    private static bool IsReadOnly(ISymbol member) => member is IPropertySymbol { SetMethod: null } or IFieldSymbol { IsReadOnly: true };

    private static bool Matches(IParameterSymbol parameter, ISymbol member) =>
        string.Equals(parameter.Name, member.Name, StringComparison.OrdinalIgnoreCase)
        && SymbolEqualityComparer.Default.Equals(parameter.Type, member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type);
}
