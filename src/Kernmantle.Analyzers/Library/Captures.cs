using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>
/// What a function captures: the variables that it, or a function within it, reads or assigns, and <c>this</c>. Local functions that it calls are followed, as their variables travel too.
/// </summary>
internal sealed class Captures
{
    private readonly HashSet<ISymbol> functions = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, IOperation> read = new(SymbolEqualityComparer.Default), assigned = new(SymbolEqualityComparer.Default);

    private Captures(WorkerFunction function)
    {
        if (function.Lambda is { } lambda)
        {
            functions.Add(lambda.Symbol);
            Look(lambda.Body);
        }
        else if (function.Method is { Method.MethodKind: MethodKind.LocalFunction } local)
            Follow(local.Method, local);
    }

    /// <summary>The captured variables whose values travel, each with where it is first read.</summary>
    public IEnumerable<KeyValuePair<ISymbol, IOperation>> Read => read;

    /// <summary>Those that it assigns, each with where it first does so.</summary>
    public IEnumerable<KeyValuePair<ISymbol, IOperation>> Assigned => assigned;

    /// <summary>It calls a local function that is not static, and so cannot be static itself.</summary>
    public bool CallsLocalFunction { get; private set; }

    /// <summary>Where it first uses its object; null where it does not.</summary>
    public IOperation? This { get; private set; }

    public static Captures Of(WorkerFunction function) => new(function);

    /// <summary>The type of what is captured.</summary>
    public static ITypeSymbol? TypeOf(ISymbol captured) => (captured as ILocalSymbol)?.Type ?? (captured as IParameterSymbol)?.Type;

    private void Follow(IMethodSymbol method, IOperation reference)
    {
        CallsLocalFunction |= !method.IsStatic && !IsWithin(method);
        if (!method.IsStatic && functions.Add(method.OriginalDefinition) && WorkerFunction.BodyOf(method, reference) is { } body)
            Look(body);
    }

    private void Look(IOperation operation)
    {
        switch (operation)
        {
            case INameOfOperation:
                return;
            case ILocalReferenceOperation { Local.IsConst: false } reference:
                Variable(reference.Local, reference);
                break;
            case IParameterReferenceOperation reference when IsOfConstructor(reference):
                This ??= reference;
                break;
            case IParameterReferenceOperation reference:
                Variable(reference.Parameter, reference);
                break;
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } reference:
                This ??= reference;
                break;
            case IInvocationOperation { TargetMethod.MethodKind: MethodKind.LocalFunction } call:
                Follow(call.TargetMethod, call);
                break;
            case IMethodReferenceOperation { Method.MethodKind: MethodKind.LocalFunction } reference:
                Follow(reference.Method, reference);
                break;
        }
        foreach (IOperation child in operation.ChildOperations)
            Look(child);
    }

    private void Variable(ISymbol variable, IOperation reference)
    {
        if (IsWithin(variable))
            return;
        (bool reads, bool assigns) = UseOf(reference);
        if (reads && !read.ContainsKey(variable))
            read.Add(variable, reference);
        if (assigns && !assigned.ContainsKey(variable))
            assigned.Add(variable, reference);
    }

    private bool IsWithin(ISymbol symbol)
    {
        for (ISymbol? owner = symbol.ContainingSymbol; owner is not null; owner = owner.ContainingSymbol)
        {
            if (functions.Contains(owner.OriginalDefinition))
                return true;
        }
        return false;
    }

    /// <summary>Whether a reference reads, and whether it assigns. What is handed on by reference may do both.</summary>
    public static (bool Reads, bool Assigns) UseOf(IOperation reference)
    {
        IOperation at = reference;
        while (at.Parent is ITupleOperation or IParenthesizedOperation)
            at = at.Parent;
        return at.Parent switch
        {
            ISimpleAssignmentOperation { IsRef: false } assignment when assignment.Target == at => (false, true),
            IDeconstructionAssignmentOperation assignment when assignment.Target == at => (false, true),
            IAssignmentOperation assignment when assignment.Target == at => (true, true),
            IIncrementOrDecrementOperation => (true, true),
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => (true, true),
            _ => (true, false),
        };
    }

    /// <summary>A parameter of a primary constructor, read by another member, is a field of the object.</summary>
    private static bool IsOfConstructor(IParameterReferenceOperation reference) =>
        reference.Parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
        && !SymbolEqualityComparer.Default.Equals(reference.SemanticModel?.GetEnclosingSymbol(reference.Syntax.SpanStart) is { } inner ? MemberOf(inner) : null, constructor);

    private static ISymbol? MemberOf(ISymbol symbol)
    {
        ISymbol? at = symbol;
        while (at is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction })
            at = at.ContainingSymbol;
        return at;
    }
}
