using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Subjects;

/// <summary>A function from <typeparamref name="T"/> to <typeparamref name="R"/>, either of which may be <see cref="Nothing"/>.</summary>
internal sealed class Subject<T, R> : Subject
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly SubjectShape shape;
    private readonly Delegate function;
    private readonly T[] inputs;

    public Subject(MethodInfo method, SubjectShape shape, SubjectSpec spec)
    {
        this.shape = shape;
        function = method.CreateDelegate(DelegateType());
        inputs = spec.Kind == InputKind.None ? new T[spec.Calls] : [.. spec.Inputs.Select((text, line) => Read(text, spec, line))];
    }

    public override bool IsAsynchronous => shape != SubjectShape.Plain;

    public override async Task<RoundOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Collected(inputs.Length);
        foreach (T input in inputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                results.Add(await CallAsync(input));
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                results.Fail(e);
            }
        }
        return results.Outcome();
    }

    public override async Task<RoundOutcome> RunAsync(WorkerPool pool, CancellationToken cancellationToken)
    {
        var results = new Collected(inputs.Length);
        if (typeof(T) == typeof(Nothing) || typeof(R) == typeof(Nothing))
        {
            foreach (Task<R> call in inputs.Select(input => SubmitAsync(pool, input, cancellationToken)).ToArray())
            {
                try
                {
                    results.Add(await call);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    results.Fail(e);
                }
            }
            return results.Outcome();
        }
        await foreach (MapResult<T, R> item in Map(pool, cancellationToken))
        {
            if (item.IsSuccess)
                results.Add(item.Value);
            else
                results.Fail(item.Failure!);
        }
        return results.Outcome();
    }

    private IAsyncEnumerable<MapResult<T, R>> Map(WorkerPool pool, CancellationToken cancellationToken) => shape switch
    {
        SubjectShape.Task => pool.MapAsync((Func<T, Task<R>>)function, inputs, cancellationToken: cancellationToken),
        SubjectShape.ValueTask => pool.MapAsync((Func<T, ValueTask<R>>)function, inputs, cancellationToken: cancellationToken),
        _ => pool.MapAsync((Func<T, R>)function, inputs, cancellationToken: cancellationToken),
    };

    private async ValueTask<R> CallAsync(T input)
    {
        switch (function)
        {
            case Func<R> f: return f();
            case Func<T, R> f: return f(input);
            case Func<Task<R>> f: return await f();
            case Func<T, Task<R>> f: return await f(input);
            case Func<ValueTask<R>> f: return await f();
            case Func<T, ValueTask<R>> f: return await f(input);
            case Action f: f(); return default!;
            case Action<T> f: f(input); return default!;
            case Func<Task> f: await f(); return default!;
            case Func<T, Task> f: await f(input); return default!;
            case Func<ValueTask> f: await f(); return default!;
            case Func<T, ValueTask> f: await f(input); return default!;
            default: throw new InvalidOperationException($"No way to call a {function.GetType()}.");
        }
    }

    private Task<R> SubmitAsync(WorkerPool pool, T input, CancellationToken token) => function switch
    {
        // The more special types first: a Func<Task> is a Func<object> too.
        Func<Task<R>> f => pool.RunAsync(f, token),
        Func<T, Task<R>> f => pool.RunAsync(f, input, token),
        Func<ValueTask<R>> f => pool.RunAsync(f, token),
        Func<T, ValueTask<R>> f => pool.RunAsync(f, input, token),
        Func<Task> f => NothingAsync(pool.RunAsync(f, token)),
        Func<T, Task> f => NothingAsync(pool.RunAsync(f, input, token)),
        Func<ValueTask> f => NothingAsync(pool.RunAsync(f, token)),
        Func<T, ValueTask> f => NothingAsync(pool.RunAsync(f, input, token)),
        Func<R> f => pool.RunAsync(f, token),
        Func<T, R> f => pool.RunAsync(f, input, token),
        Action f => NothingAsync(pool.RunAsync(f, token)),
        Action<T> f => NothingAsync(pool.RunAsync(f, input, token)),
        _ => throw new InvalidOperationException($"No way to call a {function.GetType()}."),
    };

    private static async Task<R> NothingAsync(Task task)
    {
        await task;
        return default!;
    }

    private Type DelegateType()
    {
        bool takes = typeof(T) != typeof(Nothing), returns = typeof(R) != typeof(Nothing);
        return (shape, takes, returns) switch
        {
            (SubjectShape.Plain, false, false) => typeof(Action),
            (SubjectShape.Plain, true, false) => typeof(Action<T>),
            (SubjectShape.Plain, false, true) => typeof(Func<R>),
            (SubjectShape.Plain, true, true) => typeof(Func<T, R>),
            (SubjectShape.Task, false, false) => typeof(Func<Task>),
            (SubjectShape.Task, true, false) => typeof(Func<T, Task>),
            (SubjectShape.Task, false, true) => typeof(Func<Task<R>>),
            (SubjectShape.Task, true, true) => typeof(Func<T, Task<R>>),
            (_, false, false) => typeof(Func<ValueTask>),
            (_, true, false) => typeof(Func<T, ValueTask>),
            (_, false, true) => typeof(Func<ValueTask<R>>),
            _ => typeof(Func<T, ValueTask<R>>),
        };
    }

    private static T Read(string text, SubjectSpec spec, int line)
    {
        try
        {
            if (spec.Kind == InputKind.Json)
                return JsonSerializer.Deserialize<T>(text, Json)!;
            if (typeof(T) == typeof(string) || typeof(T) == typeof(object))
                return (T)(object)text;
            if (typeof(T) == typeof(FileInfo))
                return (T)(object)new FileInfo(text);
            return (T)Convert.ChangeType(text, typeof(T), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidCastException or OverflowException or NotSupportedException)
        {
            throw new ToolException($"Input {line + 1}, '{(text.Length > 40 ? text[..40] + "…" : text)}', is no {typeof(T).Name}: {e.Message}", $"{spec.Method} takes a {typeof(T).Name}; use --lines, --files or --json as fits.", inner: e);
        }
    }

    private sealed class Collected(int capacity)
    {
        private readonly List<object?> results = new(capacity);
        private string? first;
        private int failures;

        public void Add(R result) => results.Add(result);

        public void Fail(Exception e)
        {
            // In every place the same: what the function threw, not who brought it.
            string text = e is RemoteException remote ? $"{remote.TypeName}: {remote.Message}" : e is WorkerException ? e.Message : $"{e.GetType().FullName}: {e.Message}";
            failures++;
            first ??= text;
            results.Add($"failed: {(e is RemoteException r ? r.TypeName : e.GetType().FullName)}");
        }

        public RoundOutcome Outcome() => new(Canonical.Hash(results), failures, first);
    }
}
