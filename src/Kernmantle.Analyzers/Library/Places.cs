using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>Finds out where the calls of a pool, or of an object that lives in one, run: by how it was made, within one file.</summary>
internal static class Places
{
    /// <summary>A variable made from a variable made from …: beyond, nobody reads it so.</summary>
    private const int MaxSteps = 8;

    public static Place Of(KernmantleTypes types, IOperation? pool, int steps = 0)
    {
        if (pool is null || steps > MaxSteps)
            return Place.Unknown;
        return pool switch
        {
            IConversionOperation conversion => Of(types, conversion.Operand, steps),
            IParenthesizedOperation inner => Of(types, inner.Operand, steps),
            IAwaitOperation awaited => Of(types, awaited.Operation, steps),
            IConditionalAccessInstanceOperation instance => Of(types, Accessed(instance), steps + 1),
            IInvocationOperation made => OfInvocation(types, made, steps),
            IConditionalOperation choice => Join(Of(types, choice.WhenTrue, steps), Of(types, choice.WhenFalse, steps)),
            ICoalesceOperation choice => Join(Of(types, choice.Value, steps), Of(types, choice.WhenNull, steps)),
            ISwitchExpressionOperation choice => choice.Arms.Select(a => Of(types, a.Value, steps)).Aggregate(Join),
            ILocalReferenceOperation variable => OfLocal(types, variable, steps),
            IFieldReferenceOperation { Field: { IsReadOnly: true } field } => OfMember(types, pool, field, steps),
            IPropertyReferenceOperation { Property: { SetMethod: null, IsVirtual: false, IsAbstract: false } property } => OfMember(types, pool, property, steps),
            _ => Place.Unknown,
        };
    }

    private static Place OfInvocation(KernmantleTypes types, IInvocationOperation made, int steps)
    {
        if (types.FactoryOf(made.TargetMethod) is not { } place)
            return types.KeepsPlace(made.TargetMethod) ? Of(types, made.Instance, steps) : Place.Unknown;
        bool verifies = place == Place.Inline && made.Arguments.Any(static a => a.Parameter?.Ordinal == 0 && a.Value.ConstantValue is { HasValue: true, Value: true });
        return verifies ? Place.Processes : place;
    }

    private static Place Join(Place one, Place other) => one == other ? one : Place.Unknown;

    private static IOperation? Accessed(IOperation instance)
    {
        for (IOperation? at = instance.Parent; at is not null; at = at.Parent)
        {
            if (at is IConditionalAccessOperation access)
                return access.Operation;
        }
        return null;
    }

    private static Place OfLocal(KernmantleTypes types, ILocalReferenceOperation variable, int steps)
    {
        Place place = Of(types, Values.InitializerOf(variable), steps + 1);
        return place == Place.Unknown || variable.Local.IsUsing || !IsAssigned(variable) ? place : Place.Unknown;
    }

    private static bool IsAssigned(ILocalReferenceOperation variable)
    {
        IOperation root = variable;
        while (root.Parent is not null)
            root = root.Parent;
        return root.Descendants().OfType<IAssignmentOperation>()
            .Any(a => a.Target is ILocalReferenceOperation target && SymbolEqualityComparer.Default.Equals(target.Local, variable.Local));
    }

    private static Place OfMember(KernmantleTypes types, IOperation reference, ISymbol member, int steps)
    {
        ExpressionSyntax? value = Values.DeclarationOf(member, reference) switch
        {
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            PropertyDeclarationSyntax property => property.Initializer?.Value ?? property.ExpressionBody?.Expression,
            _ => null,
        };
        IEnumerable<ExpressionSyntax> values = value is not null ? [value] : AssignedByConstructors(reference, member);
        Place[] places = [.. values.Select(v => Of(types, reference.SemanticModel?.GetOperation(v), steps + 1))];
        return places.Length == 0 ? Place.Unknown : places.Aggregate(Join);
    }

    private static IEnumerable<ExpressionSyntax> AssignedByConstructors(IOperation reference, ISymbol member) =>
        from constructor in member.ContainingType.Constructors
        from declaration in constructor.DeclaringSyntaxReferences
        where declaration.SyntaxTree == reference.Syntax.SyntaxTree
        let syntax = declaration.GetSyntax() as ConstructorDeclarationSyntax
        where syntax is not null
        from assignment in syntax.DescendantNodes().OfType<AssignmentExpressionSyntax>()
        where SymbolEqualityComparer.Default.Equals(reference.SemanticModel?.GetSymbolInfo(assignment.Left).Symbol, member)
        select assignment.Right;
}
