using System.Reflection;
using Kernmantle.Python.Values;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>A function of the program's, called from Python: it runs here, on the thread pool, while who called it waits. What it returns, or the result of its task, goes back.</summary>
/// <param name="target">It.</param>
internal sealed class FunctionObject(Delegate target) : HostObject(target, "function")
{
    private static readonly Type[] WithoutResult = [typeof(void), typeof(Task), typeof(ValueTask)];

    private readonly MethodInfo signature = target.GetType().GetMethod("Invoke")!;

    /// <summary>Why functions of that type cannot be called from there; null if they can.</summary>
    public static string? WhyNot(Type type)
    {
        if (type.IsAbstract || type.GetMethod("Invoke") is not { } invoke)
            return "Pass a function whose type says what it takes, such as Func<int, string>.";
        if (Array.Exists(invoke.GetParameters(), static p => p.ParameterType.IsByRef || p.ParameterType.IsByRefLike) || invoke.ReturnType.IsByRef || invoke.ReturnType.IsByRefLike)
            return "Python passes values: pass a function without references and spans.";
        return invoke.ReturnType == typeof(ValueTask) || (invoke.ReturnType.IsGenericType && invoke.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>)) ? "Pass a function that returns a Task." : null;
    }

    public override void Begin(Ask ask, ref PythonReader arguments)
    {
        if (ask.Operation != Operation.Invoke)
            throw new ProtocolViolationException($"operation {ask.Operation} with a function");
        ParameterInfo[] parameters = signature.GetParameters();
        int given = arguments.EnterItems();
        if (given != parameters.Length)
        {
            ask.Failed("TypeError", $"It takes {parameters.Length} arguments, by position; {given} were given.");
            return;
        }
        var values = new object?[given];
        for (int i = 0; i < given; i++)
            values[i] = ValueCodecs.For(parameters[i].ParameterType).ReadBoxed(ref arguments);
        _ = Task.Run(() => InvokeAsync(ask, values));
    }

    private async Task InvokeAsync(Ask ask, object?[] values)
    {
        try
        {
            object? result = target.DynamicInvoke(values);
            if (result is Task task)
            {
                await task.ConfigureAwait(false);
                result = WithoutResult.Contains(signature.ReturnType) ? null : task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task);
            }
            ask.Done(result);
        }
        catch (Exception e)   // the program's own: told to who called
        {
            Exception failure = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            ask.Failed(FailureNames.Of(failure), $"{failure.GetType().Name}: {failure.Message}");
        }
    }
}

/// <summary>A progress sink of the program's: reports come in the order in which a thread of the worker makes them, since each is awaited.</summary>
/// <param name="sink">It.</param>
internal sealed class ProgressObject<T>(IProgress<T> sink) : HostObject(sink, "progress")
{
    public override void Begin(Ask ask, ref PythonReader arguments)
    {
        if (ask.Operation != Operation.Report)
            throw new ProtocolViolationException($"operation {ask.Operation} with a progress sink");
        T report = ReadArguments.One<T>(ref arguments);
        _ = Task.Run(() =>
        {
            try
            {
                sink.Report(report);
                ask.Done();
            }
            catch (Exception e)   // the program's own: told to who reported
            {
                ask.Failed(FailureNames.Of(e), $"{e.GetType().Name}: {e.Message}");
            }
        });
    }
}
