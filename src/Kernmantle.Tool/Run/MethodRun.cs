using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Run;

/// <summary>What the worker needs to call the method. Crosses to it.</summary>
/// <param name="Method">The method's metadata token in the assembly.</param>
internal sealed record MethodOrder(string Assembly, int Method, string[] Arguments);

/// <summary>A static method with arguments from the command line, in a process of its own. This process does not run a line of it.</summary>
internal static class MethodRun
{
    /// <summary>What is shown of a result.</summary>
    private const int MostLetters = 4000;

    public static async Task<RunRecord> RunAsync(string assembly, string named, string[] arguments, ProcessWorkerOptions options, CancellationToken cancellationToken)
    {
        MethodInfo method = Choose(MethodFinder.Find(MethodFinder.Load(assembly), named), arguments);
        CheckPlain(method, arguments);
        Worker<string?> worker = Worker.OnProcess("run", CallAsync, new MethodOrder(assembly, method.MetadataToken, arguments), options);
        WorkerExit exit = await worker.RunAsync(cancellationToken);
        // What the user wrote on the command line is no failure of the method.
        return exit.Exception is RemoteException { TypeName: var type } wrong && type == typeof(ToolException).FullName
            ? throw new ToolException(wrong.Message, "", inner: wrong)
            : new(RunExit.Of(exit), exit.Reason == WorkerExitReason.Completed ? worker.Result : null);
    }

    /// <summary>The overload that takes so many arguments; an array of strings takes them all.</summary>
    private static MethodInfo Choose(IReadOnlyList<MethodInfo> overloads, string[] arguments)
    {
        MethodInfo[] fitting = [.. overloads.Where(method => method.GetParameters().Length == arguments.Length && !TakesAll(method))];
        if (fitting.Length == 0)
            fitting = [.. overloads.Where(TakesAll)];
        MethodInfo[] text = [.. fitting.Where(static method => method.GetParameters().All(static parameter => parameter.ParameterType == typeof(string)))];
        return fitting is [var only] ? only
            : text is [var best] ? best
            : fitting.Length == 0
                ? throw new ToolException($"{MethodFinder.List(overloads)} does not take {arguments.Length} arguments.", "Give one word for each of its parameters.")
                : throw new ToolException($"Several overloads fit: {MethodFinder.List(fitting)}.", "Name one with its parameters' types, as written here, in quotes.");
    }

    /// <summary>Words for the platform's own types are tried here, where an answer is one line. The user's own parsers run in the worker alone.</summary>
    private static void CheckPlain(MethodInfo method, string[] arguments)
    {
        if (TakesAll(method))
            return;
        foreach ((ParameterInfo parameter, string text) in method.GetParameters().Zip(arguments))
        {
            if (parameter.ParameterType.Assembly == typeof(object).Assembly)
                Bind(parameter, text);
        }
    }

    private static bool TakesAll(MethodInfo method) => method.GetParameters() is [{ ParameterType: var only }] && only == typeof(string[]);

    /// <summary>In the worker.</summary>
    internal static async Task<string?> CallAsync(MethodOrder order)
    {
        var method = (MethodInfo)SubjectContext.Load(order.Assembly).ManifestModule.ResolveMethod(order.Method)!;
        object?[] arguments = TakesAll(method) ? [order.Arguments] : [.. method.GetParameters().Zip(order.Arguments, Bind)];
        object? result = method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, CultureInfo.InvariantCulture);
        object? value = await AwaitedAsync(result, method.ReturnType);
        if (value is NoResult)
            return null;
        if (value?.GetType().GetInterfaces().FirstOrDefault(static each => each.IsGenericType && each.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)) is { } stream)
            value = await (Task<object>)typeof(MethodRun).GetMethod(nameof(CollectAsync), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(stream.GenericTypeArguments).Invoke(null, [value])!;
        string text = CanonicalText.Of(value);
        return text.Length > MostLetters ? text[..MostLetters] + "…" : text;
    }

    private static object? Bind(ParameterInfo parameter, string text)
    {
        try
        {
            return TextValues.CanParse(parameter.ParameterType) ? TextValues.Parse(text, parameter.ParameterType) : TextValues.FromJson(text, parameter.ParameterType);
        }
        catch (Exception e)   // a user's constructor or parser may throw anything
        {
            throw new ToolException($"'{text}' is no {TypeNames.Text(parameter.ParameterType)} for '{parameter.Name}': {e.Message}", "Numbers are written with a point; objects as JSON.", inner: e);
        }
    }

    /// <summary>The items of a stream, which is run by being read.</summary>
    private static async Task<object> CollectAsync<T>(IAsyncEnumerable<T> stream)
    {
        List<T> items = [];
        await foreach (T item in stream)
            items.Add(item);
        return items;
    }

    private sealed class NoResult
    {
        public static readonly NoResult Instance = new();
    }

    private static async Task<object?> AwaitedAsync(object? result, Type type)
    {
        Task? task = result switch
        {
            Task started => started,
            ValueTask value => value.AsTask(),
            not null when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>) => (Task)type.GetMethod(nameof(ValueTask<>.AsTask))!.Invoke(result, null)!,
            _ => null,
        };
        if (task is null)
            return type == typeof(void) ? NoResult.Instance : result;
        await task;
        return type.IsGenericType ? task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task) : NoResult.Instance;
    }
}
