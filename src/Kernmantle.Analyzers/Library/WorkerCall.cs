using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>A call of a function on a worker.</summary>
/// <param name="types">The library.</param>
/// <param name="invocation">The call.</param>
/// <param name="kind">What it does with the function.</param>
/// <param name="function">The function.</param>
/// <param name="signature">What the function takes and returns.</param>
internal sealed class WorkerCall(KernmantleTypes types, IInvocationOperation invocation, CallKind kind, IArgumentOperation function, IMethodSymbol signature)
{
    public KernmantleTypes Types => types;

    public IInvocationOperation Invocation => invocation;

    public CallKind Kind => kind;

    public IArgumentOperation FunctionArgument => function;

    public IMethodSymbol Signature => signature;

    public WorkerFunction Function { get; } = WorkerFunction.Of(function.Value);

    /// <summary>What the function captures.</summary>
    public Captures Captures => captures ??= Captures.Of(Function);

    /// <summary>Where it runs.</summary>
    public Place Place => (place ??= new(kind switch
    {
        CallKind.OnThread => Place.Threads,
        CallKind.OnProcess => Place.Processes,
        _ => Places.Of(types, invocation.Instance),
    })).Value;

    // Found out by whoever asks first; two who ask at once find the same.
    private StrongBox<Place>? place;
    private Captures? captures;

    /// <summary>The name of the method, which most rules mark.</summary>
    public Location Name => NameIn(invocation.Syntax);

    /// <summary>What is passed to the function, with where it stands: a token that the call gives by itself is none of it.</summary>
    public IEnumerable<(ITypeSymbol Type, IArgumentOperation? Argument)> Arguments
    {
        get
        {
            // The object that lives in the worker, and what a shared collection holds, are there already.
            int first = kind == CallKind.Update || !SymbolEqualityComparer.Default.Equals(invocation.TargetMethod.ContainingType.OriginalDefinition, types.CallInvoker) && kind is not (CallKind.OnThread or CallKind.OnProcess) ? 1 : 0;
            IArgumentOperation[] given = [.. invocation.Arguments.Where(a => a.Parameter is { IsOptional: false } && a != function && a.Parameter.Ordinal > (function.Parameter?.Ordinal ?? 0)).OrderBy(static a => a.Parameter!.Ordinal)];
            for (int i = first; i < signature.Parameters.Length; i++)
            {
                bool isGiven = i - first < given.Length;
                if (isGiven || !types.Platform.IsToken(signature.Parameters[i].Type))
                    yield return (signature.Parameters[i].Type, isGiven ? given[i - first] : null);
            }
        }
    }

    /// <summary>What comes back from the worker; null where nothing does, or it stays there.</summary>
    public ITypeSymbol? Result
    {
        get
        {
            if (kind == CallKind.Create || signature.ReturnsVoid)
                return null;
            if (signature.ReturnType is not INamedTypeSymbol type)
                return signature.ReturnType;
            bool isAwaited = kind != CallKind.Run && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, types.Platform.TaskOf);
            bool isStream = kind == CallKind.Stream && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, types.Platform.Stream);
            return isAwaited || isStream ? type.TypeArguments[0]
                : types.Platform.IsTask(type) && (kind == CallKind.Run || SymbolEqualityComparer.Default.Equals(type, types.Platform.Task)) ? null
                : type;
        }
    }

    public static Location NameIn(SyntaxNode call) => (call as InvocationExpressionSyntax)?.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.GetLocation(),
        MemberBindingExpressionSyntax binding => binding.Name.Identifier.GetLocation(),
        _ => call.GetLocation(),
    };
}
