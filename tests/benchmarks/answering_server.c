/* An endpoint of AWS that answers at once and does nothing, so that a client's own cost is what is measured.
 *
 *   answering_server ANSWERS_FOLDER DELAY_MS
 *
 * Binds 127.0.0.1 on a port of the system's choosing, prints it, and serves one thread a connection until it is ended
 * or its standard input closes. Every POST is answered after DELAY_MS with the file ANSWERS_FOLDER/<operation>, where
 * the operation is what X-Amz-Target says behind its dot, or <operation>.cbor where it is asked in CBOR and that is
 * there (`default` where there is no such header or file). Two
 * operations get answers of their own: PutRecords accepts as many records as the request holds, in JSON or CBOR as it
 * was asked; and Scan is answered with the file Scan.<n>, where n is what `"page":{"N":"<n>"}` in the request's
 * ExclusiveStartKey says (segment and page are the answers' own business), or Scan.<segment> without one. CountRequests
 * is answered with the number of all other requests so far.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 65536
#define BODY_BYTES (16 * 1024 * 1024)
#define SHARDS 2

static const char *folder;
static useconds_t delay_us;
static atomic_long requests;

typedef struct {
    char *body;
    size_t length, capacity;
    const char *type;
} Answer;

static void reserve(Answer *answer, size_t more) {
    if (answer->length + more > answer->capacity) {
        answer->capacity = (answer->length + more) * 2;
        answer->body = realloc(answer->body, answer->capacity);
    }
}

static void append(Answer *answer, const void *bytes, size_t length) {
    reserve(answer, length);
    memcpy(answer->body + answer->length, bytes, length);
    answer->length += length;
}

static size_t occurrences(const char *body, size_t length, const char *word) {
    size_t count = 0, size = strlen(word);
    const char *end = body + length, *found;
    while ((found = memmem(body, end - body, word, size))) {
        count++;
        body = found + size;
    }
    return count;
}

/* `"FailedRecordCount":0` and an entry for every record, over two shards in turn. */
static void put_records(Answer *answer, const char *body, size_t length, int is_cbor) {
    static const char sequence[] = "49590338271490256608559692538361571095921575989136588898";
    size_t records = occurrences(body, length, "PartitionKey");
    char text[256];
    if (!is_cbor) {
        append(answer, text, sprintf(text, "{\"FailedRecordCount\":0,\"Records\":["));
        for (size_t i = 0; i < records; i++)
            append(answer, text, sprintf(text, "%s{\"SequenceNumber\":\"%s\",\"ShardId\":\"shardId-%012zu\"}",
                                         i ? "," : "", sequence, i % SHARDS));
        append(answer, "]}", 2);
        answer->type = "application/x-amz-json-1.1";
        return;
    }
    append(answer, "\xbfqFailedRecordCount\x00gRecords\x99", 28);
    unsigned char count[2] = {records >> 8, records & 255};
    append(answer, count, 2);
    for (size_t i = 0; i < records; i++)
        append(answer, text, sprintf(text, "\xbfnSequenceNumberx\x38%sgShardIdtshardId-%012zu\xff", sequence, i % SHARDS));
    append(answer, "\xff", 1);
    answer->type = "application/x-amz-cbor-1.1";
}

static int from_file(Answer *answer, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    struct stat status;
    fstat(fileno(file), &status);
    reserve(answer, status.st_size);
    answer->length = fread(answer->body, 1, status.st_size, file);
    fclose(file);
    answer->type = "application/x-amz-json-1.0";
    return 1;
}

static long number_behind(const char *body, const char *word, long otherwise) {
    const char *found = strstr(body, word);
    return found ? strtol(found + strlen(word), NULL, 10) : otherwise;
}

static void answer_to(Answer *answer, const char *operation, const char *body, size_t length, int is_cbor) {
    char name[64];
    answer->length = 0;
    if (!strcmp(operation, "CountRequests")) {
        append(answer, name, sprintf(name, "%ld", atomic_load(&requests)));
        answer->type = "application/x-amz-json-1.0";
        return;
    }
    atomic_fetch_add(&requests, 1);
    if (!strcmp(operation, "PutRecords")) {
        put_records(answer, body, length, is_cbor);
        return;
    }
    if (!strcmp(operation, "Scan")) {
        const char *page = strstr(body, "\"page\"");
        const char *number = page ? strstr(page, "\"N\"") : NULL;
        number = number ? strchr(number + 3, '"') : NULL;
        snprintf(name, sizeof name, "Scan.%ld", number ? atol(number + 1) : number_behind(body, "\"Segment\":", 0));
        if (from_file(answer, name)) return;
    }
    snprintf(name, sizeof name, "%s.cbor", operation);
    if (is_cbor && from_file(answer, name)) {
        answer->type = "application/x-amz-cbor-1.1";
        return;
    }
    if (from_file(answer, operation) || from_file(answer, "default")) return;
    append(answer, "{}", 2);
    answer->type = "application/x-amz-json-1.0";
}

/* An acknowledgement that the kernel puts off (40 ms) holds back a body that a client sends apart from its head. */
static ssize_t receive(int socket, void *into, size_t most) {
    int on = 1;
    ssize_t got = recv(socket, into, most, 0);
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    return got;
}

static int send_all(int socket, const char *bytes, size_t length) {
    while (length) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) return 0;
        bytes += sent;
        length -= sent;
    }
    return 1;
}

/* The value of a header in `head`, cut at the line's end into `into`; 0 where there is none. */
static int header(const char *head, const char *name, char *into, size_t size) {
    const char *found = strcasestr(head, name);
    if (!found) return 0;
    found += strlen(name);
    while (*found == ' ') found++;
    size_t length = strcspn(found, "\r\n");
    if (length >= size) length = size - 1;
    memcpy(into, found, length);
    into[length] = 0;
    return 1;
}

static void *serve(void *argument) {
    int socket = (int)(long)argument, on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char *head = malloc(HEAD_BYTES + 1), *body = malloc(BODY_BYTES + 1);
    Answer answer = {malloc(65536), 0, 65536, ""};
    size_t have = 0;
    for (;;) {
        char *end;
        head[have] = 0;
        while (!(end = strstr(head, "\r\n\r\n"))) {
            ssize_t got = have < HEAD_BYTES ? receive(socket, head + have, HEAD_BYTES - have) : 0;
            if (got <= 0) goto done;
            have += got;
            head[have] = 0;
        }
        char value[256], target[256] = "";
        size_t head_length = end + 4 - head, extra = have - head_length;
        end[2] = 0;
        size_t length = header(head, "\r\nContent-Length:", value, sizeof value) ? strtoul(value, NULL, 10) : 0;
        if (length > BODY_BYTES) goto done;
        if (header(head, "\r\nExpect:", value, sizeof value) && !extra)
            send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        int is_cbor = header(head, "\r\nContent-Type:", value, sizeof value) && strstr(value, "cbor") != NULL;
        header(head, "\r\nX-Amz-Target:", target, sizeof target);
        const char *dot = strchr(target, '.');
        size_t taken = extra < length ? extra : length;
        memcpy(body, head + head_length, taken);
        for (size_t read = taken; read < length;) {
            ssize_t got = receive(socket, body + read, length - read);
            if (got <= 0) goto done;
            read += got;
        }
        body[length] = 0;
        memmove(head, head + head_length + taken, extra - taken);
        have = extra - taken;
        answer_to(&answer, dot ? dot + 1 : "default", body, length, is_cbor);
        if (delay_us) usleep(delay_us);
        char line[512];
        int line_length = sprintf(line,
            "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\nDate: Mon, 23 Nov 2026 16:12:04 GMT\r\n"
            "x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\n\r\n", answer.type, answer.length);
        if (!send_all(socket, line, line_length) || !send_all(socket, answer.body, answer.length)) goto done;
    }
done:
    close(socket);
    free(head);
    free(body);
    free(answer.body);
    return NULL;
}

static void *accept_forever(void *argument) {
    int listening = (int)(long)argument;
    for (;;) {
        int connection = accept(listening, NULL, NULL);
        pthread_t thread;
        if (connection >= 0 && !pthread_create(&thread, NULL, serve, (void *)(long)connection)) pthread_detach(thread);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: answering_server ANSWERS_FOLDER DELAY_MS\n");
        return 2;
    }
    folder = arguments[1];
    delay_us = (useconds_t)(atof(arguments[2]) * 1000);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&address, size) || listen(listening, 512)) {
        perror("answering_server");
        return 1;
    }
    getsockname(listening, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    pthread_t thread;
    pthread_create(&thread, NULL, accept_forever, (void *)(long)listening);
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
    return 0;
}
