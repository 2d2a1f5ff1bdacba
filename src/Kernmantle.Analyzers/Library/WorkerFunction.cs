using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>The function of a call, as far as it stands there: a lambda, a method, or neither.</summary>
internal sealed class WorkerFunction
{
    private WorkerFunction(IOperation value, IAnonymousFunctionOperation? lambda, IMethodReferenceOperation? method) =>
        (Value, Lambda, Method) = (value, lambda, method);

    public IOperation Value { get; }

    public IAnonymousFunctionOperation? Lambda { get; }

    public IMethodReferenceOperation? Method { get; }

    /// <summary>The lambda's or the method's; null for a delegate that comes from elsewhere.</summary>
    public IMethodSymbol? Symbol => Lambda?.Symbol ?? Method?.Method;

    /// <summary>An async function that nobody can wait for.</summary>
    public bool IsAsyncVoid => Symbol is { IsAsync: true, ReturnsVoid: true };

    /// <summary>What it does; null where that stands in another file.</summary>
    public IOperation? Body => Lambda?.Body ?? (Method is null ? null : BodyOf(Method.Method, Method));

    public static WorkerFunction Of(IOperation value)
    {
        IOperation at = Values.Unwrapped(value);
        while (at is IDelegateCreationOperation creation)
            at = Values.Unwrapped(creation.Target);
        return new(at, at as IAnonymousFunctionOperation, at as IMethodReferenceOperation);
    }

    /// <summary>The body of a method or local function of the same file.</summary>
    public static IOperation? BodyOf(IMethodSymbol method, IOperation reference) =>
        Values.DeclarationOf(method, reference) is { } declaration ? reference.SemanticModel?.GetOperation(declaration) : null;
}
