using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>The library's types and methods as symbols, looked up once for a compilation. Immutable and thread-safe.</summary>
internal sealed class KernmantleTypes
{
    private static readonly ConditionalWeakTable<Compilation, KernmantleTypes> Compilations = new();

    private readonly ConditionalWeakTable<IInvocationOperation, WorkerCall?> known = new();

    /// <summary>Methods that take a function for a worker.</summary>
    private readonly Dictionary<ISymbol, CallKind> calls = new(SymbolEqualityComparer.Default);

    /// <summary>Methods that make a pool, and where its calls run.</summary>
    private readonly Dictionary<ISymbol, Place> factories = new(SymbolEqualityComparer.Default);

    /// <summary>Methods whose result has the place of what they are called on.</summary>
    private readonly HashSet<ISymbol> samePlace = new(SymbolEqualityComparer.Default);

    private readonly HashSet<ISymbol> disposals = new(SymbolEqualityComparer.Default), disposables = new(SymbolEqualityComparer.Default), timeouts = new(SymbolEqualityComparer.Default);

    private KernmantleTypes(Compilation compilation)
    {
        CallInvoker = compilation.GetTypeByMetadataName("Kernmantle.CallInvoker");
        INamedTypeSymbol? pool = compilation.GetTypeByMetadataName("Kernmantle.WorkerPool");
        INamedTypeSymbol? remote = compilation.GetTypeByMetadataName("Kernmantle.Remote`1");
        INamedTypeSymbol? worker = compilation.GetTypeByMetadataName("Kernmantle.Worker");
        Platform = new PlatformTypes(compilation);
        Portable = new PortableTypes(compilation);
        INamedTypeSymbol? objectInvoker = compilation.GetTypeByMetadataName("Kernmantle.ObjectInvoker`1");
        INamedTypeSymbol? dictionary = compilation.GetTypeByMetadataName("Kernmantle.SharedDictionary`2");
        INamedTypeSymbol? list = compilation.GetTypeByMetadataName("Kernmantle.SharedList`1");

        foreach (INamedTypeSymbol? type in new[] { CallInvoker, pool, objectInvoker })
        {
            AddCalls(type, "Run", CallKind.Run);
            AddCalls(type, "RunAsync", CallKind.RunAsync);
            AddCalls(type, "CallAsync", CallKind.RunAsync);
            AddCalls(type, "MapAsync", CallKind.Map);
            AddCalls(type, "MapUnorderedAsync", CallKind.Map);
            AddCalls(type, "MapToArrayAsync", CallKind.MapWhole);
            AddCalls(type, "ForEachAsync", CallKind.MapWhole);
            AddCalls(type, "StreamAsync", CallKind.Stream);
            AddCalls(type, "CreateAsync", CallKind.Create);
            AddAll(samePlace, type, "With", "CreateAsync", "CreateDictionaryAsync", "CreateListAsync");
        }
        AddCalls(worker, "OnThread", CallKind.OnThread);
        AddCalls(worker, "OnProcess", CallKind.OnProcess);
        foreach (INamedTypeSymbol? type in new[] { dictionary, list })
        {
            AddCalls(type, "UpdateAsync", CallKind.Update);
            AddCalls(type, "AddOrUpdateAsync", CallKind.Update);
        }
        AddFactories(pool, "Threads", Place.Threads);
        AddFactories(pool, "Exclusive", Place.Threads);
        AddFactories(pool, "EventLoop", Place.EventLoop);
        AddFactories(pool, "Processes", Place.Processes);
        AddFactories(pool, "Inline", Place.Inline);
        foreach (INamedTypeSymbol? type in new[] { pool, remote, dictionary, list })
        {
            if (type is not null)
                disposables.Add(type);
            AddAll(disposals, type, "Dispose", "DisposeAsync", "KillAsync");
        }
        foreach (string options in (string[])["WorkerPoolOptions", "CallOptions"])
            timeouts.UnionWith(compilation.GetTypeByMetadataName($"Kernmantle.{options}")?.GetMembers("Timeout") ?? []);
    }

    public INamedTypeSymbol? CallInvoker { get; }

    public PlatformTypes Platform { get; }

    /// <summary>What may cross to a process.</summary>
    public PortableTypes Portable { get; }

    /// <summary>Null where the compilation does not know the library.</summary>
    public static KernmantleTypes? Of(Compilation compilation) =>
        Compilations.GetValue(compilation, static c => new(c)) is { CallInvoker: not null } types ? types : null;

    /// <summary>Null where it is no call of a function on a worker. The rules share what is found out of one.</summary>
    public WorkerCall? CallOf(IInvocationOperation invocation)
    {
        if (!calls.TryGetValue(invocation.TargetMethod.OriginalDefinition, out CallKind kind))
            return null;
        return known.TryGetValue(invocation, out WorkerCall? call) ? call : known.GetValue(invocation, i => Look(i, kind));
    }

    private WorkerCall? Look(IInvocationOperation invocation, CallKind kind)
    {
        IArgumentOperation? function = invocation.Arguments.FirstOrDefault(static a => a.Parameter?.Type.TypeKind == TypeKind.Delegate);
        return function?.Parameter?.Type is INamedTypeSymbol { DelegateInvokeMethod: { } signature }
            ? new(this, invocation, kind, function, signature)
            : null;
    }

    /// <summary>The place of the pool that the method makes; null where it makes none.</summary>
    public Place? FactoryOf(IMethodSymbol method) => factories.TryGetValue(method.OriginalDefinition, out Place place) ? place : null;

    public bool KeepsPlace(IMethodSymbol method) => samePlace.Contains(method.OriginalDefinition);

    /// <summary>Whether it ends a pool, or an object that lives in one.</summary>
    public bool IsDisposal(IMethodSymbol method) => disposals.Contains(method.OriginalDefinition);

    /// <summary>A pool, or an object that lives in one.</summary>
    public bool IsDisposable(ITypeSymbol type) => disposables.Contains(type.OriginalDefinition);

    /// <summary>The timeout of a call, or of those of a pool.</summary>
    public bool IsTimeout(IPropertySymbol property) => timeouts.Contains(property.OriginalDefinition);

    private void AddCalls(INamedTypeSymbol? type, string name, CallKind kind)
    {
        foreach (IMethodSymbol method in MethodsOf(type, name))
        {
            if (method.Parameters.Any(static p => p.Type.TypeKind == TypeKind.Delegate))
                calls[method] = kind;
        }
    }

    private void AddFactories(INamedTypeSymbol? pool, string name, Place place)
    {
        foreach (IMethodSymbol method in MethodsOf(pool, name))
            factories[method] = place;
    }

    private static void AddAll(HashSet<ISymbol> to, INamedTypeSymbol? type, params string[] names)
    {
        foreach (string name in names)
            to.UnionWith(MethodsOf(type, name));
    }

    private static IEnumerable<IMethodSymbol> MethodsOf(INamedTypeSymbol? type, string name) => type?.GetMembers(name).OfType<IMethodSymbol>() ?? [];
}
