using System.Collections.Generic;
using System.Linq;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>The platform's types that rules ask for.</summary>
internal sealed class PlatformTypes
{
    private readonly HashSet<ISymbol> tasks = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> blocking, compiles, createsDelegate;
    private readonly INamedTypeSymbol? comparer, equalityComparer, dynamicMethod;
    private readonly ISymbol? infinite;

    public PlatformTypes(Compilation compilation)
    {
        dynamicMethod = Find(compilation, "System.Reflection.Emit.DynamicMethod");
        Task = Find(compilation, "System.Threading.Tasks.Task");
        TaskOf = Find(compilation, "System.Threading.Tasks.Task`1");
        INamedTypeSymbol? valueTask = Find(compilation, "System.Threading.Tasks.ValueTask"), valueTaskOf = Find(compilation, "System.Threading.Tasks.ValueTask`1");
        Token = Find(compilation, "System.Threading.CancellationToken");
        infinite = Find(compilation, "System.Threading.Timeout")?.GetMembers("InfiniteTimeSpan").FirstOrDefault();
        Stream = Find(compilation, "System.Collections.Generic.IAsyncEnumerable`1");
        tasks.UnionWith(new ISymbol?[] { Task, TaskOf, valueTask, valueTaskOf }.OfType<ISymbol>());
        ConfigureAwaits = new(
            new[] { Task, TaskOf, valueTask, valueTaskOf, Find(compilation, "System.Threading.Tasks.TaskAsyncEnumerableExtensions") }
                .SelectMany(static t => t?.GetMembers("ConfigureAwait") ?? []),
            SymbolEqualityComparer.Default);
        blocking = new(
            new[] { (Task, "Wait"), (TaskOf, "Result"), (Find(compilation, "System.Runtime.CompilerServices.TaskAwaiter"), "GetResult"), (Find(compilation, "System.Runtime.CompilerServices.TaskAwaiter`1"), "GetResult"), ConfiguredAwaiter(""), ConfiguredAwaiter("`1") }
                .SelectMany(static m => m.Item1?.GetMembers(m.Item2) ?? []),
            SymbolEqualityComparer.Default);
        compiles = new(
            new[] { Find(compilation, "System.Linq.Expressions.Expression`1"), Find(compilation, "System.Linq.Expressions.LambdaExpression") }.SelectMany(static t => t?.GetMembers("Compile") ?? []),
            SymbolEqualityComparer.Default);
        createsDelegate = new(
            new[] { Find(compilation, "System.Reflection.MethodInfo"), dynamicMethod }.SelectMany(static t => t?.GetMembers("CreateDelegate") ?? []),
            SymbolEqualityComparer.Default);
        Combines = new(compilation.GetSpecialType(SpecialType.System_Delegate).GetMembers("Combine"), SymbolEqualityComparer.Default);
        comparer = Find(compilation, "System.Collections.Generic.IComparer`1");
        equalityComparer = Find(compilation, "System.Collections.Generic.IEqualityComparer`1");
        DefaultComparers = new(
            new[] { Find(compilation, "System.Collections.Generic.Comparer`1"), Find(compilation, "System.Collections.Generic.EqualityComparer`1") }.SelectMany(static t => t?.GetMembers("Default") ?? []),
            SymbolEqualityComparer.Default);
        OrdinalComparer = Find(compilation, "System.StringComparer")?.GetMembers("Ordinal").FirstOrDefault();

        (INamedTypeSymbol?, string) ConfiguredAwaiter(string arity) =>
            (Find(compilation, $"System.Runtime.CompilerServices.ConfiguredTaskAwaitable{arity}+ConfiguredTaskAwaiter"), "GetResult");
    }

    public INamedTypeSymbol? Task { get; }

    public INamedTypeSymbol? TaskOf { get; }

    public INamedTypeSymbol? Token { get; }

    public INamedTypeSymbol? Stream { get; }

    /// <summary>The methods that say whether a function cares where it goes on.</summary>
    public HashSet<ISymbol> ConfigureAwaits { get; }

    /// <summary>Whether it is a member that blocks until a task has ended.</summary>
    public bool Blocks(ISymbol member) => blocking.Contains(member.OriginalDefinition);

    /// <summary>The methods that make one delegate of several.</summary>
    public HashSet<ISymbol> Combines { get; }

    /// <summary>Whether it makes a function that is in no assembly: of an expression, or of instructions.</summary>
    public bool MakesFunction(IInvocationOperation made) =>
        compiles.Contains(made.TargetMethod.OriginalDefinition)
        || createsDelegate.Contains(made.TargetMethod.OriginalDefinition) && dynamicMethod is not null && made.Instance is { } method && Values.Unwrapped(method).Type?.DerivesFrom(dynamicMethod) == true;

    /// <summary>The properties that give the comparers which collections have anyway.</summary>
    public HashSet<ISymbol> DefaultComparers { get; }

    /// <summary><c>StringComparer.Ordinal</c>, which compares as the default of strings does.</summary>
    public ISymbol? OrdinalComparer { get; }

    public bool IsComparer(ITypeSymbol type) => Orders(type) || SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, equalityComparer);

    /// <summary>Whether it is a comparer that tells more than equality.</summary>
    public bool Orders(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, comparer);

    public bool IsStream(ITypeSymbol? type) => SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, Stream);

    /// <summary>Whether it is <c>Timeout.InfiniteTimeSpan</c>.</summary>
    public bool IsInfinite(IOperation time) => Values.Unwrapped(time) is IFieldReferenceOperation { Field: { } field } && SymbolEqualityComparer.Default.Equals(field, infinite);

    public bool IsToken(ITypeSymbol? type) => SymbolEqualityComparer.Default.Equals(type, Token);

    /// <summary>A task, a value task, or what derives from one.</summary>
    public bool IsTask(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (tasks.Contains(type.OriginalDefinition))
                return true;
        }
        return false;
    }

    private static INamedTypeSymbol? Find(Compilation compilation, string name) => compilation.GetTypeByMetadataName(name);
}
