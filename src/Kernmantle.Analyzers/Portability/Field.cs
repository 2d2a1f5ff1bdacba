using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.Portability;

/// <summary>A piece of an object's state, as far as the code shows it: a field, what stands behind a property or an event, or a captured parameter of a primary constructor.</summary>
internal sealed class Field
{
    private readonly IPropertySymbol? property;

    private Field(ISymbol symbol, ITypeSymbol type, IPropertySymbol? property, bool isPrivate) =>
        (Symbol, Type, this.property, IsPrivate) = (symbol, type, property, isPrivate);

    /// <summary>As it stands in the source.</summary>
    public ISymbol Symbol { get; }

    public string Name => Symbol.Name;

    public ITypeSymbol Type { get; }

    /// <summary>It is neither public itself nor behind a property.</summary>
    public bool IsPrivate { get; }

    public bool IsSettable => property is null
        ? Symbol is IFieldSymbol { IsReadOnly: false }
        : property.SetMethod is { DeclaredAccessibility: Accessibility.Public };

    public bool IsFor(IParameterSymbol parameter) =>
        SymbolEqualityComparer.Default.Equals(Type, parameter.Type) && string.Equals(Name, parameter.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Those that the type declares itself.</summary>
    public static IEnumerable<Field> Of(INamedTypeSymbol type)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member.IsStatic)
                continue;
            switch (member)
            {
                case IFieldSymbol { AssociatedSymbol: IPropertySymbol property }:
                    yield return new(property, property.Type, property, isPrivate: false);
                    break;
                case IFieldSymbol field when BackedProperty(type, field) is { } property:
                    yield return new(property, property.Type, property, isPrivate: false);
                    break;
                case IFieldSymbol { AssociatedSymbol: null } field:
                    yield return new(field, field.Type, null, field.DeclaredAccessibility != Accessibility.Public);
                    break;
                case IEventSymbol { IsAbstract: false, AddMethod.IsImplicitlyDeclared: true } happening:
                    yield return new(happening, happening.Type, null, isPrivate: true);
                    break;
            }
        }
        if (type.TypeKind == TypeKind.Class && !type.Locations.Any(static l => l.IsInSource))
        {
            foreach (IPropertySymbol property in type.GetMembers().OfType<IPropertySymbol>().Where(IsAutomatic))
                yield return new(property, property.Type, property, isPrivate: false);
        }
        foreach (IParameterSymbol parameter in CapturedParameters(type))
            yield return new(parameter, parameter.Type, null, isPrivate: true);
    }

    /// <summary>Of classes in other assemblies the fields are not seen, but which accessors the compiler has written.</summary>
    private static bool IsAutomatic(IPropertySymbol property) => !property.IsStatic && property.GetMethod is { DeclaredAccessibility: Accessibility.Public } getter
        && getter.GetAttributes().Any(static a => a.AttributeClass is { Name: "CompilerGeneratedAttribute", ContainingNamespace.Name: "CompilerServices" });

    /// <summary>In other assemblies only the field's name tells what it stands behind.</summary>
    private static IPropertySymbol? BackedProperty(INamedTypeSymbol type, IFieldSymbol field) =>
        field.Name.StartsWith("<", StringComparison.Ordinal) && field.Name.IndexOf('>') is > 1 and int end
            ? type.GetMembers(field.Name.Substring(1, end - 1)).OfType<IPropertySymbol>().FirstOrDefault()
            : null;

    /// <summary>The parameters of a primary constructor that other members read: the compiler makes private fields for them.</summary>
    private static IEnumerable<IParameterSymbol> CapturedParameters(INamedTypeSymbol type)
    {
        if (type.IsRecord)
            return [];
        IMethodSymbol? primary = type.InstanceConstructors.FirstOrDefault(static c => c.DeclaringSyntaxReferences.Any(static s => s.GetSyntax() is TypeDeclarationSyntax));
        return primary is null ? [] : primary.Parameters.Where(p => type.DeclaringSyntaxReferences.Any(s => s.GetSyntax() is TypeDeclarationSyntax declaration && declaration.Members.Any(m => Reads(m, p.Name))));
    }

    private static bool Reads(MemberDeclarationSyntax member, string name)
    {
        IEnumerable<SyntaxNode> bodies = member switch
        {
            MethodDeclarationSyntax method => [method.Body, method.ExpressionBody],
            BasePropertyDeclarationSyntax property => [property.AccessorList, (property as PropertyDeclarationSyntax)?.ExpressionBody, (property as IndexerDeclarationSyntax)?.ExpressionBody],
            _ => Array.Empty<SyntaxNode?>(),
        } is var found ? found.OfType<SyntaxNode>() : [];
        bool isHidden = (member as BaseMethodDeclarationSyntax)?.ParameterList.Parameters.Any(p => p.Identifier.ValueText == name) == true;
        return !isHidden && bodies.Any(b => b.DescendantNodes().OfType<IdentifierNameSyntax>().Any(i => i.Identifier.ValueText == name && IsByItself(i))
            && !b.DescendantNodes().Any(n => n is VariableDeclaratorSyntax v && v.Identifier.ValueText == name || n is ParameterSyntax p && p.Identifier.ValueText == name || n is SingleVariableDesignationSyntax d && d.Identifier.ValueText == name));
    }

    private static bool IsByItself(IdentifierNameSyntax name) =>
        !(name.Parent is MemberAccessExpressionSyntax access && access.Name == name || name.Parent is NameColonSyntax || name.Parent is MemberBindingExpressionSyntax || name.Parent is AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } assignment && assignment.Left == name
            || name.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } && name.Parent.IsKind(SyntaxKind.Argument));
}
